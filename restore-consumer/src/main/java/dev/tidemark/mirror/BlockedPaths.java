package dev.tidemark.mirror;

import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Paths at which something stands in the target that may not be changed: there the state is ahead
 * of the target. Written with the state, in one step; owned by the mirror's thread.
 */
final class BlockedPaths {
  /** With more of them the standby waits as a whole. */
  static final int MOST = 1_000;

  private Set<NodePath> paths;
  private Set<NodePath> committed;

  private BlockedPaths(Set<NodePath> paths) {
    this.paths = new TreeSet<>(paths);
    this.committed = new TreeSet<>(paths);
  }

  static BlockedPaths none() {
    return new BlockedPaths(Set.of());
  }

  boolean isEmpty() {
    return paths.isEmpty();
  }

  /** In path order. */
  List<NodePath> all() {
    return List.copyOf(paths);
  }

  boolean isFull() {
    return paths.size() >= MOST;
  }

  /** Whether the path, or a directory above it, is among them. */
  boolean covers(NodePath path) {
    NodePath at = path;
    while (!paths.contains(at)) {
      if (at.isRoot()) {
        return false;
      }
      at = at.parent();
    }
    return true;
  }

  void add(NodePath path) {
    if (!covers(path)) {
      dropAt(path);
      paths.add(path);
    }
  }

  void removeAll(List<NodePath> free) {
    free.forEach(paths::remove);
  }

  /** What stood at a path is gone with all below it. */
  void dropAt(NodePath path) {
    paths.removeIf(path::contains);
  }

  /** What stood below a path is gone. */
  void dropBelow(NodePath path) {
    paths.removeIf(blocked -> path.contains(blocked) && !path.equals(blocked));
  }

  void move(NodePath from, NodePath to) {
    dropAt(to);
    rename(from, to);
  }

  void exchange(NodePath first, NodePath second) {
    Set<NodePath> exchanged = new TreeSet<>();
    for (NodePath path : paths) {
      exchanged.add(
          first.contains(path)
              ? path.rebase(first, second)
              : second.contains(path) ? path.rebase(second, first) : path);
    }
    paths = exchanged;
  }

  private void rename(NodePath from, NodePath to) {
    Set<NodePath> renamed = new TreeSet<>();
    paths.forEach(path -> renamed.add(from.contains(path) ? path.rebase(from, to) : path));
    paths = renamed;
  }

  boolean isChanged() {
    return !paths.equals(committed);
  }

  void committed() {
    committed = new TreeSet<>(paths);
  }

  void rollBack() {
    paths = new TreeSet<>(committed);
  }

  void clear() {
    paths.clear();
    committed.clear();
  }

  byte[] encode() {
    return PathList.encode(paths);
  }

  static BlockedPaths decode(byte[] bytes) throws IOException {
    return new BlockedPaths(new TreeSet<>(PathList.decode(bytes)));
  }
}
