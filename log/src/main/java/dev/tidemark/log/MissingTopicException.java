package dev.tidemark.log;

import java.io.IOException;

/** Topics of the installation are not on the broker. The message names all of them. */
public final class MissingTopicException extends IOException {
  private static final long serialVersionUID = 1L;

  MissingTopicException(String message) {
    super(message);
  }
}
