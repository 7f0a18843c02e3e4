package dev.tidemark.schemas.frame;

import java.io.IOException;

/**
 * A frame's bytes are not what its id promises. Reading them again from the same place does not
 * help.
 */
public final class CorruptFrameException extends IOException {
  public CorruptFrameException(String message) {
    super(message);
  }
}
