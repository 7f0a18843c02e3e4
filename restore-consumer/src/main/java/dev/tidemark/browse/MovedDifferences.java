package dev.tidemark.browse;

import dev.tidemark.browse.TreeDiff.Listener;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodeAspect;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Passes differences on, and tells as moved what was removed at one path and added at another one
 * because it was renamed. It is said of what is gone from where it stood, and stands where nothing
 * did: then all that is below it was removed, and added, and nothing else is.
 */
final class MovedDifferences implements Listener {
  private final OpenTree before;
  private final OpenTree after;
  private final MovedPaths paths;
  private final Listener listener;

  /** By where it stood, where it stands now. */
  private final Map<NodePath, NodePath> moved = new HashMap<>();

  private MovedDifferences(OpenTree before, OpenTree after, MovedPaths paths, Listener listener) {
    this.before = before;
    this.after = after;
    this.paths = paths;
    this.listener = listener;
  }

  /**
   * @param part of the trees that is compared; what went over its border is not told as moved
   */
  static MovedDifferences of(
      OpenTree before, OpenTree after, NodePath part, MovedPaths paths, Listener listener)
      throws IOException {
    MovedDifferences told = new MovedDifferences(before, after, paths, listener);
    for (Map.Entry<NodePath, NodePath> move : paths.moved().entrySet()) {
      told.take(move.getValue(), move.getKey(), part);
    }
    return told;
  }

  private void take(NodePath from, NodePath to, NodePath part) throws IOException {
    if (part.contains(from)
        && part.contains(to)
        && after.tree().find(from).isEmpty()
        && before.tree().find(to).isEmpty()
        && isSameKind(before.tree().find(from), after.tree().find(to))) {
      moved.put(from, to);
    }
  }

  private static boolean isSameKind(Optional<Node> one, Optional<Node> other) {
    return one.isPresent() && other.isPresent() && one.get().getClass() == other.get().getClass();
  }

  @Override
  public void differs(Difference difference) throws IOException {
    switch (difference) {
      case Difference.Removed(NodePath from, Node node) -> {
        if (destination(from, node).isEmpty()) {
          listener.differs(difference);
        }
      }
      case Difference.Added(NodePath to, Node node) -> {
        Optional<NodePath> from = source(to);
        Optional<Node> was = from.isEmpty() ? Optional.empty() : before.tree().find(from.get());
        if (isSameKind(was, Optional.of(node))) {
          stands(from.orElseThrow(), to, was.orElseThrow(), node);
        } else {
          listener.differs(difference);
        }
      }
      case Difference.Modified _, Difference.Moved _ -> listener.differs(difference);
    }
  }

  private void stands(NodePath from, NodePath to, Node was, Node is) throws IOException {
    Set<NodeAspect> aspects = NodeAspect.differing(was, is);
    if (to.equals(moved.get(from))) {
      listener.differs(new Difference.Moved(from, to, was, is, aspects));
    } else if (!aspects.isEmpty()) {
      listener.differs(new Difference.Modified(to, was, is, aspects));
    }
  }

  private Optional<NodePath> source(NodePath to) {
    Optional<NodePath> entry = paths.entryOver(to);
    if (entry.isEmpty()) {
      return Optional.empty();
    }
    Optional<NodePath> from = paths.origin(entry.get());
    boolean isTold = from.isPresent() && entry.get().equals(moved.get(from.get()));
    return isTold ? paths.origin(to) : Optional.empty();
  }

  private Optional<NodePath> destination(NodePath from, Node node) throws IOException {
    for (NodePath at = from; !at.isRoot(); at = at.parent()) {
      NodePath now = moved.get(at);
      if (now != null) {
        NodePath to = from.rebase(at, now);
        boolean isIt = source(to).filter(from::equals).isPresent();
        return isIt && isSameKind(Optional.of(node), after.tree().find(to))
            ? Optional.of(to)
            : Optional.empty();
      }
    }
    return Optional.empty();
  }
}
