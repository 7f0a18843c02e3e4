package dev.tidemark.apply;

import dev.tidemark.schemas.change.NodePath;

/** Which paths of a target are none of our business. */
@FunctionalInterface
public interface Exclusions {
  Exclusions NONE = (_, _) -> false;

  /** Whether an entry is left as it is; what holds for a directory holds for all below it. */
  boolean excludes(NodePath path, boolean isDirectory);
}
