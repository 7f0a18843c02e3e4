package dev.tidemark.schemas.codec;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that are no record of the kind expected: damaged, of another kind, or written by a newer
 * version whose meaning this one does not know.
 */
public final class UnreadableRecordException extends IOException {
  public UnreadableRecordException(String message) {
    super(message);
  }

  public UnreadableRecordException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
