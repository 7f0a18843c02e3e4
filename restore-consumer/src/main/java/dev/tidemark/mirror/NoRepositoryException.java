package dev.tidemark.mirror;

import java.io.IOException;

/** What is asked for is in the repository alone, and the standby was not given one. */
final class NoRepositoryException extends IOException {
  private static final long serialVersionUID = 1L;

  NoRepositoryException(String message) {
    super(message);
  }
}
