package dev.tidemark.watcher.publish;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** It is not known where frames are, or whether they are in the log. They are sent again. */
public final class FramesLostException extends IOException {
  private static final long serialVersionUID = 1L;

  FramesLostException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
