package dev.tidemark.browse;

import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodeAspect;
import dev.tidemark.schemas.change.NodePath;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** One path at which two trees differ. */
public sealed interface Difference {
  NodePath path();

  /** Only the later tree has it. */
  record Added(NodePath path, Node node) implements Difference {}

  /** Only the earlier tree has it. */
  record Removed(NodePath path, Node node) implements Difference {}

  /**
   * Both have it.
   *
   * @param aspects in what it differs, at least one
   */
  record Modified(NodePath path, Node before, Node after, Set<NodeAspect> aspects)
      implements Difference {
    public Modified {
      aspects = Collections.unmodifiableSet(EnumSet.copyOf(aspects));
    }
  }
}
