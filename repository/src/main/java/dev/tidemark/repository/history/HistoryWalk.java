package dev.tidemark.repository.history;

import dev.tidemark.repository.snapshot.SnapshotInfo;
import dev.tidemark.repository.snapshot.SnapshotStore;
import dev.tidemark.repository.treelog.Gaps;
import dev.tidemark.repository.treelog.LogListing;
import dev.tidemark.repository.treelog.SealedChangeStream;
import dev.tidemark.repository.treelog.TreeLog;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.tree.TreeBase;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** Shows a tree's sealed history to a viewer. For one question. */
final class HistoryWalk<V extends HistoryViewer> {
  private final V viewer;
  private final Trees trees;
  private final SnapshotStore snapshots;

  /** Where the trees come from that a viewer asks for. */
  interface Trees {
    /** The walk passes a change. */
    default void pass(SealedChange change) throws IOException {}

    /** The walk comes to a change behind others that are not kept. */
    default void enter(long sequence) throws IOException {}

    /** The tree after the change that was passed or entered last. */
    TreeBase after(long sequence) throws IOException;
  }

  HistoryWalk(V viewer, Trees trees, SnapshotStore snapshots) {
    this.viewer = viewer;
    this.trees = trees;
    this.snapshots = snapshots;
  }

  V show(TreeLog log, LogListing listing, List<Long> sequences) throws IOException {
    Gaps removed = listing.removed();
    Deque<Long> alone = new ArrayDeque<>(sequences.stream().filter(removed::contains).toList());
    try (SealedChangeStream changes = log.readKept(listing)) {
      for (Optional<SealedChange> next = changes.next(); next.isPresent(); next = changes.next()) {
        SealedChange change = next.get();
        long sequence = change.sequence();
        showSnapshots(alone, sequence);
        if (removed.meets(viewer.lastSequence() + 1, sequence - 1)) {
          trees.enter(sequence);
          viewer.showKept(sequence, change.logTimeMillis(), () -> trees.after(sequence));
        } else {
          trees.pass(change);
          viewer.show(
              sequence, change.logTimeMillis(), change.change(), () -> trees.after(sequence));
        }
      }
    }
    showSnapshots(alone, Long.MAX_VALUE);
    return viewer;
  }

  /** Instants that retention has kept, but whose change has left the log. */
  private void showSnapshots(Deque<Long> alone, long before) throws IOException {
    while (!alone.isEmpty() && alone.getFirst() < before) {
      SnapshotInfo info = snapshots.read(alone.removeFirst());
      viewer.knowWriter(info.cursor());
      viewer.showKept(info.sequence(), info.logTimeMillis(), () -> snapshots.open(info));
    }
  }
}
