package dev.tidemark.repository.blob;

import java.io.IOException;

/** No room in the store. Nothing was put; the same put works once there is room. */
public final class StoreFullException extends IOException {
  public StoreFullException(String message, IOException cause) {
    super(message, cause);
  }
}
