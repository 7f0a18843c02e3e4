package dev.tidemark.apply;

import java.io.IOException;
import java.nio.file.Path;

/** Another restore or mirror writes to this target. */
public final class TargetInUseException extends IOException {
  public TargetInUseException(Path target) {
    super(
        "Another restore or mirror writes to %s. Stop that one first, or choose another directory."
            .formatted(target));
  }
}
