package dev.tidemark.repository.blob;

import java.io.IOException;

/**
 * Puts a blob that must not have been there before: one that is found may be about to be deleted,
 * and a put if absent does not keep it.
 */
public final class FreshPut {
  private static final int ATTEMPTS = 4;

  private FreshPut() {}

  /** What is known of a blob that is durable now. */
  public enum Result {
    /** This put made it. */
    FRESH,
    /** It was there before. */
    FOUND,
    /** An answer was lost, and then it was there: by this put most likely, or before. */
    UNSURE
  }

  /**
   * Puts it, again where an answer was lost.
   *
   * @throws IOException if the outcome is still unknown after {@value #ATTEMPTS} attempts; may be
   *     called again
   */
  public static Result put(BlobStore store, BlobName name, byte[] bytes) throws IOException {
    String reason = "";
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      switch (store.put(name, bytes)) {
        case PutOutcome.Stored() -> {
          return Result.FRESH;
        }
        case PutOutcome.AlreadyPresent() -> {
          return attempt == 0 ? Result.FOUND : Result.UNSURE;
        }
        case PutOutcome.Unknown(var why) -> reason = why;
      }
    }
    throw new IOException(
        ("Put of %s: after %d attempts it is not known whether the blob is durable (%s). Nothing"
                + " refers to it yet; the put is safe to repeat.")
            .formatted(store.describe(name), ATTEMPTS, reason));
  }
}
