package dev.tidemark.repository.blob;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A put that ends with the blob known to be durable, whatever became of the first answer. */
public final class DurablePut {
  private static final int ATTEMPTS = 4;

  private DurablePut() {}

  /** Whether a durable put made the blob or found it. */
  public enum Result {
    STORED,
    ALREADY_PRESENT
  }

  /**
   * Puts a blob and, where the answer was lost, puts it again: a put if absent is itself the look
   * at what became of the first.
   *
   * @throws IOException if the outcome is still unknown after {@value #ATTEMPTS} attempts; may be
   *     called again
   */
  public static Result put(BlobStore store, BlobName name, byte[] bytes) throws IOException {
    return put(store, name, ByteBuffer.wrap(bytes));
  }

  /** The same of what remains in {@code bytes}. */
  public static Result put(BlobStore store, BlobName name, ByteBuffer bytes) throws IOException {
    String reason = "";
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      switch (store.put(name, bytes.duplicate())) {
        case PutOutcome.Stored() -> {
          return Result.STORED;
        }
        case PutOutcome.AlreadyPresent() -> {
          return Result.ALREADY_PRESENT;
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
