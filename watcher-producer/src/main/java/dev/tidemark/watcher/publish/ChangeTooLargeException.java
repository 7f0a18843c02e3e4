package dev.tidemark.watcher.publish;

import java.io.IOException;

/**
 * A change does not fit one record, as with a path or extended attributes of nearly a million bytes
 * together. It is not published.
 */
public final class ChangeTooLargeException extends IOException {
  private static final long serialVersionUID = 1L;

  ChangeTooLargeException(int bytes, int most) {
    super(
        ("its change has %d bytes, a record takes at most %d; a shorter path is needed, or fewer"
                + " extended attributes")
            .formatted(bytes, most));
  }
}
