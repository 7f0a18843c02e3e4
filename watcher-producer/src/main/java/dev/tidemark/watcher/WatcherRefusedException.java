package dev.tidemark.watcher;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The watcher must not start, or not go on, as things are. The message says why and what to do. */
public class WatcherRefusedException extends IOException {
  private static final long serialVersionUID = 1L;

  WatcherRefusedException(String message) {
    super(message);
  }

  WatcherRefusedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
