package dev.tidemark.repository.retention;

import java.io.IOException;

/** An instant could not be held: it is not recorded, or retention has just taken it out. */
public final class HeldInstantException extends IOException {
  HeldInstantException(String message, IOException cause) {
    super(message, cause);
  }
}
