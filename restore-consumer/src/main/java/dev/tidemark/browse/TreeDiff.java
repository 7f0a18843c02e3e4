package dev.tidemark.browse;

import dev.tidemark.repository.snapshot.UnsharedEntries;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodeAspect;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/**
 * Compares two instants of a tree in path order, holding one entry of each: what both have out of
 * the same manifest of a snapshot is not even read.
 */
public final class TreeDiff {
  private final UnsharedEntries entries;
  private final Listener listener;
  private Optional<TreeEntry> before = Optional.empty();
  private Optional<TreeEntry> after = Optional.empty();

  private TreeDiff(UnsharedEntries entries, Listener listener) {
    this.entries = entries;
    this.listener = listener;
  }

  /** Hears of each difference, in path order. */
  public interface Listener {
    void differs(Difference difference) throws IOException;
  }

  /**
   * Compares what stands at a path and below.
   *
   * @throws IOException if a tree cannot be read, or neither has anything there
   */
  public static void run(OpenTree before, OpenTree after, NodePath path, Listener listener)
      throws IOException {
    if (before.tree().find(path).isEmpty()) {
      after.require(path);
    }
    try (UnsharedEntries entries = UnsharedEntries.open(before.tree(), after.tree(), path)) {
      new TreeDiff(entries, listener).run();
    }
  }

  /**
   * The same, with what was renamed told as such.
   *
   * @param moves of what stood in {@code before}, through all changes to {@code after}
   */
  public static void run(
      OpenTree before, OpenTree after, NodePath path, MovedPaths moves, Listener listener)
      throws IOException {
    run(before, after, path, MovedDifferences.of(before, after, path, moves, listener));
  }

  private void run() throws IOException {
    takeBefore();
    takeAfter();
    while (before.isPresent() || after.isPresent()) {
      int order = order();
      if (order < 0) {
        listener.differs(
            new Difference.Removed(before.orElseThrow().path(), before.orElseThrow().node()));
        takeBefore();
      } else if (order > 0) {
        listener.differs(
            new Difference.Added(after.orElseThrow().path(), after.orElseThrow().node()));
        takeAfter();
      } else {
        compare(before.orElseThrow(), after.orElseThrow());
        takeBefore();
        takeAfter();
      }
    }
  }

  private void takeBefore() throws IOException {
    before = entries.before().next();
  }

  private void takeAfter() throws IOException {
    after = entries.after().next();
  }

  private int order() {
    if (before.isEmpty() || after.isEmpty()) {
      return before.isPresent() ? -1 : 1;
    }
    return before.get().path().compareTo(after.get().path());
  }

  private void compare(TreeEntry was, TreeEntry is) throws IOException {
    Node one = was.node();
    Node other = is.node();
    if (one == other) {
      return;
    }
    Set<NodeAspect> aspects = NodeAspect.differing(one, other);
    if (!aspects.isEmpty()) {
      listener.differs(new Difference.Modified(is.path(), one, other, aspects));
    }
  }
}
