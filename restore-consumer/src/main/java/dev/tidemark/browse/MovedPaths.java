package dev.tidemark.browse;

import dev.tidemark.repository.history.ChangeViewer;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.TreeBase;
import java.io.IOException;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Follows what stood in a tree at one instant through the renames that the log tells. What is
 * written anew, or replaced by what is newer, goes on being the same entry; one that was removed
 * and made again does not. Where the log does not tell, as over a full scan, nothing is said to
 * have moved. Memory grows with what of that instant was moved or removed. Owned by one thread.
 */
public final class MovedPaths implements ChangeViewer {
  private final TreeBase first;

  /**
   * By the path where something stands now, where it and what is below it stood at first; empty if
   * it did not. What has no entry at or above it stands where it stood.
   */
  private final NavigableMap<NodePath, Optional<NodePath>> origins = new TreeMap<>();

  /**
   * @param first the tree that the first change is applied to
   */
  MovedPaths(TreeBase first) {
    this.first = first;
  }

  @Override
  public void show(Change change) throws IOException {
    switch (change.body()) {
      case Change.Remove(NodePath path) -> {
        origins.keySet().removeAll(PathsWithin.of(origins, path));
        makeNew(path);
      }
      case Change.Move(NodePath from, NodePath to) when !from.equals(to) -> move(from, to);
      case Change.Exchange(NodePath one, NodePath other) -> {
        // Both stand at both instants: told by what differs there.
        for (NodePath path : List.of(one, other)) {
          origins.keySet().removeAll(PathsWithin.of(origins, path));
          makeNew(path);
        }
      }
      case Change.ScanCompleted(ScanKind kind) when kind == ScanKind.FULL -> {
        origins.clear();
        origins.put(NodePath.ROOT, Optional.empty());
      }
      case Change.Put _,
          Change.Move _,
          Change.ScanCompleted _,
          Change.ScanStarted _,
          Change.Keep _,
          Change.EpochStarted _,
          Change.Tag _,
          Change.Heartbeat _ -> {}
    }
  }

  private void move(NodePath from, NodePath to) throws IOException {
    Optional<NodePath> origin = originAtFirst(from);
    NavigableMap<NodePath, Optional<NodePath>> below = new TreeMap<>();
    for (NodePath path : PathsWithin.of(origins, from)) {
      Optional<NodePath> was = origins.remove(path);
      if (!path.equals(from) && was != null) {
        below.put(path.rebase(from, to), was);
      }
    }
    if (origin.isPresent()) {
      origins.keySet().removeAll(PathsWithin.of(origins, to));
      if (!origin(to).equals(origin)) {
        origins.put(to, origin);
      }
    }
    origins.putAll(below);
    makeNew(from);
  }

  /** What comes to stand at a path, or below it, is none of what stood there at first. */
  private void makeNew(NodePath path) throws IOException {
    if (originAtFirst(path).isPresent()) {
      origins.put(path, Optional.empty());
    }
  }

  private Optional<NodePath> originAtFirst(NodePath path) throws IOException {
    Optional<NodePath> origin = origin(path);
    return origin.isPresent() && first.find(origin.get()).isPresent() ? origin : Optional.empty();
  }

  /** Where what stands at a path now stood at first, if it did, or would have. */
  Optional<NodePath> origin(NodePath path) {
    Optional<NodePath> entry = entryOver(path);
    if (entry.isEmpty()) {
      return Optional.of(path);
    }
    NodePath at = entry.get();
    return origins.getOrDefault(at, Optional.empty()).map(was -> path.rebase(at, was));
  }

  /** The entry that says it, at the path or above it; empty if none does. */
  Optional<NodePath> entryOver(NodePath path) {
    for (NodePath at = path; ; at = at.parent()) {
      if (origins.containsKey(at)) {
        return Optional.of(at);
      }
      if (at.isRoot()) {
        return Optional.empty();
      }
    }
  }

  /** Each path at which something stands that stood elsewhere, with that; not those below it. */
  NavigableMap<NodePath, NodePath> moved() {
    NavigableMap<NodePath, NodePath> moved = new TreeMap<>();
    origins.forEach(
        (now, was) -> was.filter(w -> !w.equals(now)).ifPresent(w -> moved.put(now, w)));
    return moved;
  }
}
