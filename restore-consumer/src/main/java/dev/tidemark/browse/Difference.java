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
   * Both have it, and the log tells that it was renamed, or what it is in. What is below it is told
   * of where it differs.
   *
   * @param path where it stands in the later tree
   * @param aspects in what else it differs; none if it does not
   */
  record Moved(NodePath from, NodePath path, Node before, Node after, Set<NodeAspect> aspects)
      implements Difference {
    public Moved {
      aspects = Set.copyOf(aspects);
    }
  }

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
