package dev.tidemark.browse;

import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;

/** Neither the repository nor the log knows a tree by this name. */
public final class NoSuchTreeException extends IOException {
  NoSuchTreeException(TreeName tree, String where) {
    super(
        "There is no tree %s %s. `tidemark trees` lists those that there are."
            .formatted(tree, where));
  }
}
