package dev.tidemark.schemas.frame;

import java.io.IOException;

/**
 * A frame of a newer version, or with a feature that this version does not read. A newer Tidemark
 * does.
 */
public final class UnsupportedFrameException extends IOException {
  public UnsupportedFrameException(String message) {
    super(message);
  }
}
