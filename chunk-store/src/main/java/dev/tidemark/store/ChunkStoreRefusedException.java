package dev.tidemark.store;

import java.io.IOException;

/** The chunk-store must not start like this; the message says what to do. */
public final class ChunkStoreRefusedException extends IOException {
  public ChunkStoreRefusedException(String message) {
    super(message);
  }

  public ChunkStoreRefusedException(String message, Throwable cause) {
    super(message, cause);
  }
}
