package dev.tidemark.repository.history;

import dev.tidemark.repository.snapshot.SnapshotInfo;
import dev.tidemark.repository.snapshot.SnapshotStore;
import dev.tidemark.repository.treelog.Gaps;
import dev.tidemark.repository.treelog.LogListing;
import dev.tidemark.repository.treelog.SealedChangeStream;
import dev.tidemark.repository.treelog.TreeLog;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.SealedChange;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** Shows a tree's sealed history to who follows one path. For one question. */
final class PathHistory {
  private final OpenHistory history;
  private final NodePath path;
  private final PathFollower follower;

  PathHistory(OpenHistory history, NodePath path, int most) {
    this.history = history;
    this.path = path;
    this.follower = new PathFollower(path, most);
  }

  PathFollower follow(
      TreeLog log, SnapshotStore snapshots, LogListing listing, List<Long> sequences)
      throws IOException {
    Gaps removed = listing.removed();
    history.resumePoint().ifPresent(follower::knowWriter);
    Deque<Long> alone = new ArrayDeque<>(sequences.stream().filter(removed::contains).toList());
    try (SealedChangeStream changes = log.readKept(listing)) {
      for (Optional<SealedChange> next = changes.next(); next.isPresent(); next = changes.next()) {
        SealedChange change = next.get();
        long sequence = change.sequence();
        showSnapshots(snapshots, alone, sequence);
        if (removed.meets(follower.lastSequence() + 1, sequence - 1)) {
          follower.showKept(sequence, change.logTimeMillis(), after(sequence));
        } else {
          follower.show(sequence, change.logTimeMillis(), change.change(), _ -> after(sequence));
        }
      }
    }
    showSnapshots(snapshots, alone, Long.MAX_VALUE);
    return follower;
  }

  /** Instants that retention has kept, but whose change has left the log. */
  private void showSnapshots(SnapshotStore snapshots, Deque<Long> alone, long before)
      throws IOException {
    while (!alone.isEmpty() && alone.getFirst() < before) {
      SnapshotInfo info = snapshots.read(alone.removeFirst());
      follower.knowWriter(info.cursor());
      follower.showKept(info.sequence(), info.logTimeMillis(), snapshots.open(info).find(path));
    }
  }

  private Optional<Node> after(long sequence) throws IOException {
    return history.at(new At.Sequence(sequence)).tree().find(path);
  }
}
