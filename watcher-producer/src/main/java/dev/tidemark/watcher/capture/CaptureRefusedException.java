package dev.tidemark.watcher.capture;

import java.io.IOException;

/** Changes cannot be captured as asked for. The message says why, and what to do instead. */
public final class CaptureRefusedException extends IOException {
  private static final long serialVersionUID = 1L;

  CaptureRefusedException(String message) {
    super(message);
  }

  CaptureRefusedException(String message, Throwable cause) {
    super(message, cause);
  }
}
