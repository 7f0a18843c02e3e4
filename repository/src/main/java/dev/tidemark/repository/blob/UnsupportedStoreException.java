package dev.tidemark.repository.blob;

import java.io.IOException;

/** A store that cannot keep what a {@link BlobStore} promises. Another store is needed. */
public final class UnsupportedStoreException extends IOException {
  public UnsupportedStoreException(String message) {
    super(message);
  }

  public UnsupportedStoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
