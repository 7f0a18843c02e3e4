package dev.tidemark.repository.retention;

import dev.tidemark.repository.snapshot.LongReplay;
import dev.tidemark.repository.snapshot.SnapshotInfo;
import dev.tidemark.repository.snapshot.SnapshotStore;
import dev.tidemark.repository.treelog.SealedChangeStream;
import dev.tidemark.repository.treelog.TreeLog;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Cursor.OpenScan;
import dev.tidemark.schemas.cursor.Fault;
import dev.tidemark.schemas.cursor.Verdict;
import dev.tidemark.schemas.tree.TreeException;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Makes snapshots of past instants, going through the log once. For one thread; what is held in
 * memory does not grow with the log.
 */
final class KeptSnapshots {
  private final TreeLog log;
  private final SnapshotStore snapshots;

  KeptSnapshots(TreeLog log, SnapshotStore snapshots) {
    this.log = log;
    this.snapshots = snapshots;
  }

  /** Makes those of these sequences that are not there; returns how many. */
  int make(Collection<Long> wanted) throws IOException {
    TreeSet<Long> missing = new TreeSet<>(wanted);
    snapshots.sequences().forEach(missing::remove);
    int made = 0;
    while (!missing.isEmpty()) {
      made += makeFrom(snapshots.newestAtOrBefore(missing.first()), missing);
    }
    return made;
  }

  /** Goes from one snapshot to the next one that is missing. */
  private int makeFrom(Optional<SnapshotInfo> start, TreeSet<Long> missing) throws IOException {
    long wanted = missing.first();
    long from = start.map(SnapshotInfo::sequence).orElse(0L);
    Optional<Cursor> cursor = start.map(SnapshotInfo::cursor);
    try (LongReplay tree = snapshots.replayFrom(start);
        SealedChangeStream changes = log.read(from, wanted)) {
      for (Optional<SealedChange> next = changes.next(); next.isPresent(); next = changes.next()) {
        apply(tree, next.get());
        cursor = Optional.of(follow(cursor, next.get()));
      }
      write(tree, wanted, cursor);
    }
    missing.remove(wanted);
    return 1;
  }

  private void write(LongReplay tree, long wanted, Optional<Cursor> cursor) throws IOException {
    if (cursor.isEmpty() || cursor.get().sequence() != wanted) {
      throw new IOException(
          ("Change %d of tree %s is to be kept, but its log ends at change %d. Nothing was taken"
                  + " out; `tidemark verify` names what is missing.")
              .formatted(wanted, log.tree(), cursor.map(Cursor::sequence).orElse(0L)));
    }
    snapshots.write(tree.tree(), cursor.get());
  }

  private void apply(LongReplay tree, SealedChange change) throws IOException {
    try {
      tree.apply(change.change().body());
    } catch (TreeException e) {
      throw new IOException(
          "Change %d of tree %s does not fit what is sealed before it: %s Nothing was taken out."
              .formatted(change.sequence(), log.tree(), e.getMessage()),
          e);
    }
  }

  /**
   * The resume point behind a sealed change. What the log held besides sealed changes is not known
   * here; a reader that goes on from this snapshot judges it again.
   */
  static Cursor follow(Optional<Cursor> before, SealedChange sealed) {
    SealedChange.Origin origin = sealed.origin();
    Cursor known =
        before
            .filter(cursor -> cursor.changesTopic().equals(origin.changesTopic()))
            .filter(cursor -> cursor.partition() == origin.partition())
            .filter(cursor -> cursor.nextOffset() <= origin.offset())
            .orElseGet(
                () -> Cursor.start(origin.changesTopic(), origin.partition(), origin.offset()));
    Verdict verdict = known.accept(sealed.change(), origin.offset(), sealed.logTimeMillis());
    return verdict instanceof Verdict.Accepted(Cursor next) && next.sequence() == sealed.sequence()
        ? next
        : rebuilt(before, sealed);
  }

  /**
   * For changes that follow only with what is not in the repository, such as after a lost range.
   */
  private static Cursor rebuilt(Optional<Cursor> before, SealedChange sealed) {
    SealedChange.Origin origin = sealed.origin();
    Change change = sealed.change();
    OpenScan scan =
        switch (change.body()) {
          case Change.ScanStarted(Change.ScanKind kind) ->
              kind == Change.ScanKind.FULL ? OpenScan.FULL : OpenScan.DIFFERENCE;
          case Change.ScanCompleted _, Change.EpochStarted _ -> OpenScan.NONE;
          case Change.Put _,
              Change.Remove _,
              Change.Move _,
              Change.Exchange _,
              Change.Keep _,
              Change.Tag _,
              Change.Heartbeat _ ->
              before.map(Cursor::openScan).orElse(OpenScan.NONE);
        };
    return new Cursor(
        origin.changesTopic(),
        origin.partition(),
        origin.offset() + 1,
        origin.epoch(),
        change.body() instanceof Change.EpochStarted(String host, var _, var _, var _)
            ? host
            : before.map(Cursor::host).orElse(""),
        change.body() instanceof Change.Tag
            ? before.map(Cursor::number).orElse(0L)
            : change.number(),
        List.of(),
        sealed.sequence(),
        origin.offset(),
        sealed.logTimeMillis(),
        change.body() instanceof Change.EpochStarted(var _, long term, var _, var _)
            ? Map.of(change.writer(), term)
            : before.map(Cursor::terms).orElse(Map.of()),
        before.map(Cursor::tags).orElse(List.of()),
        scan,
        change.body() instanceof Change.ScanCompleted
            ? sealed.sequence()
            : before.map(Cursor::scanCompleted).orElse(0L),
        Fault.NONE);
  }
}
