package dev.tidemark.repository.history;

import java.io.IOException;

/** Nothing was recorded at the instant asked for. */
public final class NoSuchInstantException extends IOException {
  NoSuchInstantException(String message) {
    super(message);
  }
}
