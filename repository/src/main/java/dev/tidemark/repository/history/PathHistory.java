package dev.tidemark.repository.history;

import dev.tidemark.repository.snapshot.SnapshotInfo;
import dev.tidemark.repository.snapshot.SnapshotStore;
import dev.tidemark.repository.treelog.Gaps;
import dev.tidemark.repository.treelog.LogListing;
import dev.tidemark.repository.treelog.SealedChangeStream;
import dev.tidemark.repository.treelog.TreeLog;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.SealedChange;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** Follows one path through a tree's history. For one question. */
final class PathHistory {
  private final OpenHistory history;
  private final NodePath path;
  private final int most;
  private final Deque<PathEvent> events = new ArrayDeque<>();
  private Optional<Node> now = Optional.empty();

  PathHistory(OpenHistory history, NodePath path, int most) {
    this.history = history;
    this.path = path;
    this.most = most;
  }

  List<PathEvent> find(
      TreeLog log, SnapshotStore snapshots, LogListing listing, List<Long> sequences)
      throws IOException {
    Gaps removed = listing.removed();
    Deque<Long> alone = new ArrayDeque<>(sequences.stream().filter(removed::contains).toList());
    long previous = 0;
    try (SealedChangeStream changes = log.readKept(listing)) {
      for (Optional<SealedChange> next = changes.next(); next.isPresent(); next = changes.next()) {
        SealedChange change = next.get();
        showSnapshots(snapshots, alone, change.sequence());
        if (removed.meets(previous + 1, change.sequence() - 1)) {
          become(change, lookUp(change));
        } else {
          show(change);
        }
        previous = change.sequence();
      }
    }
    showSnapshots(snapshots, alone, Long.MAX_VALUE);
    return List.copyOf(events);
  }

  /** Instants that retention has kept, but whose change has left the log. */
  private void showSnapshots(SnapshotStore snapshots, Deque<Long> alone, long before)
      throws IOException {
    while (!alone.isEmpty() && alone.getFirst() < before) {
      SnapshotInfo info = snapshots.read(alone.removeFirst());
      become(info.sequence(), info.logTimeMillis(), snapshots.open(info).find(path));
    }
  }

  private void show(SealedChange change) throws IOException {
    switch (change.change().body()) {
      case Change.Put(NodePath at, Node node) -> {
        if (at.equals(path)) {
          become(change, Optional.of(node));
        } else if (at.contains(path) && !(node instanceof Node.Directory)) {
          become(change, Optional.empty());
        }
      }
      case Change.Remove(NodePath at) -> {
        if (at.contains(path)) {
          become(change, Optional.empty());
        }
      }
      case Change.Move(NodePath from, NodePath to) -> {
        if (from.contains(path) || to.contains(path)) {
          become(change, lookUp(change));
        }
      }
      case Change.Exchange(NodePath first, NodePath second) -> {
        if (first.contains(path) || second.contains(path)) {
          become(change, lookUp(change));
        }
      }
      case Change.ScanCompleted(ScanKind kind) -> {
        if (kind == ScanKind.FULL && now.isPresent()) {
          become(change, lookUp(change));
        }
      }
      case Change.Keep _,
          Change.ScanStarted _,
          Change.EpochStarted _,
          Change.Tag _,
          Change.Heartbeat _ -> {}
    }
  }

  private Optional<Node> lookUp(SealedChange after) throws IOException {
    return history.at(new At.Sequence(after.sequence())).tree().find(path);
  }

  private void become(SealedChange change, Optional<Node> node) {
    become(change.sequence(), change.logTimeMillis(), node);
  }

  private void become(long sequence, long logTimeMillis, Optional<Node> node) {
    if (node.equals(now)) {
      return;
    }
    now = node;
    events.addLast(
        node.isPresent()
            ? new PathEvent.Stands(sequence, logTimeMillis, node.get())
            : new PathEvent.Gone(sequence, logTimeMillis));
    if (events.size() > most) {
      events.removeFirst();
    }
  }
}
