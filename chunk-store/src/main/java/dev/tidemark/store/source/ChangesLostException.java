package dev.tidemark.store.source;

import java.io.IOException;

/** Changes that were to be read again are past the topic's retention. */
public final class ChangesLostException extends IOException {
  public ChangesLostException(String message, Throwable cause) {
    super(message, cause);
  }
}
