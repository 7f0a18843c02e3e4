package dev.tidemark.mirror;

import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;

/** One path could not be applied; what came before it was. */
final class ApplyFailedException extends IOException {
  ApplyFailedException(NodePath path, IOException cause) {
    super("%s: %s".formatted(path, cause.getMessage()), cause);
  }
}
