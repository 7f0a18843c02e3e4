package dev.tidemark.apply;

import dev.tidemark.filesystem.linux.SystemCallException;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The target has no space or quota left. Nothing half written stands at any name; free space and
 * retry.
 */
public final class TargetFullException extends IOException {
  public TargetFullException(Path target, SystemCallException cause) {
    super(
        "No space is left in the target %s (%s). Free space there, or raise the quota; what is done is kept."
            .formatted(target, cause.errno().name()),
        cause);
  }
}
