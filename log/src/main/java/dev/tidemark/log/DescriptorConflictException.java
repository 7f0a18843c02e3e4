package dev.tidemark.log;

import java.io.IOException;

/** The log belongs to another repository than the one that was to be published on it. */
public final class DescriptorConflictException extends IOException {
  private static final long serialVersionUID = 1L;

  DescriptorConflictException(String message) {
    super(message);
  }
}
