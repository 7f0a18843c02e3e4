package dev.tidemark.mirror;

import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which part of a tree stands in a standby's target: all of it, or some subtrees, each at its own
 * path, with the directories that lead to them.
 */
public final class Subset {
  /** All of a tree. */
  public static final Subset ALL = new Subset(new TreeSet<>());

  private static final int MOST = 1_000;

  private final List<NodePath> paths;
  private final Set<NodePath> tops;
  private final Set<NodePath> leading = new HashSet<>();

  private Subset(TreeSet<NodePath> sorted) {
    this.paths = List.copyOf(sorted);
    this.tops = Set.copyOf(sorted);
    for (NodePath top : sorted) {
      for (NodePath at = top; !at.isRoot(); at = at.parent()) {
        leading.add(at.parent());
      }
    }
  }

  /**
   * The subtrees at some paths; one that lies in another is part of that.
   *
   * @throws IllegalArgumentException if there are more than 1,000
   */
  public static Subset of(Collection<NodePath> paths) {
    TreeSet<NodePath> tops = new TreeSet<>();
    for (NodePath path : new TreeSet<>(paths)) {
      // In path order what lies in the last one follows it.
      if (path.isRoot()) {
        return ALL;
      }
      if (tops.isEmpty() || !tops.getLast().contains(path)) {
        tops.add(path);
      }
    }
    if (tops.size() > MOST) {
      throw new IllegalArgumentException(
          "%d subtrees: expected at most %d; name directories above them"
              .formatted(tops.size(), MOST));
    }
    return tops.isEmpty() ? ALL : new Subset(tops);
  }

  public boolean isAll() {
    return paths.isEmpty();
  }

  /** The tops of the subtrees, in path order; none for all of the tree. */
  public List<NodePath> paths() {
    return paths;
  }

  /** Whether all that ever is at a path and below it stands in the target. */
  boolean contains(NodePath path) {
    if (isAll()) {
      return true;
    }
    for (NodePath at = path; !at.isRoot(); at = at.parent()) {
      if (tops.contains(at)) {
        return true;
      }
    }
    return false;
  }

  /** Whether an entry stands in the target; below one that does not, none does. */
  boolean holds(NodePath path, Node node) {
    return contains(path) || node instanceof Node.Directory && leading.contains(path);
  }

  /** Whether something may stand in the target at a path. */
  boolean reaches(NodePath path) {
    return contains(path) || leading.contains(path);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Subset that && paths.equals(that.paths);
  }

  @Override
  public int hashCode() {
    return paths.hashCode();
  }

  @Override
  public String toString() {
    return isAll() ? "all" : paths.toString();
  }
}
