package dev.tidemark.repository.blob;

import java.io.IOException;

/** A blob is whole but of a version that this Tidemark does not read. A newer one does. */
public final class UnsupportedBlobException extends IOException {
  private final BlobName blob;

  public UnsupportedBlobException(BlobName blob, String message, Throwable cause) {
    super(message, cause);
    this.blob = blob;
  }

  public UnsupportedBlobException(BlobName blob, String message) {
    super(message);
    this.blob = blob;
  }

  public BlobName blob() {
    return blob;
  }
}
