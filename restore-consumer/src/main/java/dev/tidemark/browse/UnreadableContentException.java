package dev.tidemark.browse;

import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;

/** A chunk of a file is missing or damaged. The cause says which, and of what pack. */
public final class UnreadableContentException extends IOException {
  private static final long serialVersionUID = 1L;

  UnreadableContentException(
      NodePath path, OpenTree tree, long copied, long size, IOException cause) {
    super(
        ("%s in tree %s at change %d cannot be read past byte %d of %d: %s. `tidemark repair` may"
                + " get it back; another instant (`tidemark log`) may be whole.")
            .formatted(
                path, tree.name(), tree.sequence(), copied, size, stripDot(cause.getMessage())),
        cause);
  }

  private static String stripDot(@org.jspecify.annotations.Nullable String message) {
    String text = String.valueOf(message);
    return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
  }
}
