package dev.tidemark.repository.blob;

import java.io.IOException;

/**
 * A blob's bytes are not what was put. Reading it again does not help; the message says what does.
 */
public class CorruptBlobException extends IOException {
  private final BlobName blob;

  public CorruptBlobException(BlobName blob, String message) {
    super(message);
    this.blob = blob;
  }

  public CorruptBlobException(BlobName blob, String message, Throwable cause) {
    super(message, cause);
    this.blob = blob;
  }

  public final BlobName blob() {
    return blob;
  }
}
