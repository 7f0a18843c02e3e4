package dev.tidemark.repository.pack;

import dev.tidemark.repository.blob.CorruptBlobException;

/** A pack's bytes are not what was stored. */
public final class CorruptPackException extends CorruptBlobException {
  private final PackId pack;

  public CorruptPackException(PackId pack, String place, String what) {
    super(pack.blobName(), message(place, what));
    this.pack = pack;
  }

  public CorruptPackException(PackId pack, String place, String what, Throwable cause) {
    super(pack.blobName(), message(place, what), cause);
    this.pack = pack;
  }

  private static String message(String place, String what) {
    return ("Pack at %s is damaged: %s. Its name is the SHA-256 of its bytes: copy the file back"
            + " from another copy of the repository that has that hash. Until then `tidemark"
            + " restore` cannot restore the files whose chunks lie in it, and restores all"
            + " others.")
        .formatted(place, what);
  }

  public PackId pack() {
    return pack;
  }
}
