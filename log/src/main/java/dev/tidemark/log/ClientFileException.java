package dev.tidemark.log;

import java.io.IOException;

/** A file of client properties that is not used as it is; the message says what to change. */
public final class ClientFileException extends IOException {
  private static final long serialVersionUID = 1L;

  ClientFileException(String message) {
    super(message);
  }
}
