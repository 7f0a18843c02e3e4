package dev.tidemark.repository.history;

import dev.tidemark.repository.snapshot.SnapshotInfo;
import dev.tidemark.repository.snapshot.SnapshotStore;
import dev.tidemark.repository.treelog.LogHoleException;
import dev.tidemark.repository.treelog.LogSegment;
import dev.tidemark.repository.treelog.SealedChangeStream;
import dev.tidemark.repository.treelog.TreeLog;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Cursor.OpenScan;
import dev.tidemark.schemas.tree.Tree;
import dev.tidemark.schemas.tree.TreeBase;
import dev.tidemark.schemas.tree.TreeException;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The history of one tree. Thread-safe. */
public final class History {
  /** Below this a log is short enough to be replayed whatever a snapshot would cost. */
  public static final long FLOOR_BYTES = 1 << 20;

  /** The same in changes. */
  public static final long FLOOR_CHANGES = 2_000;

  /** What lies between two snapshots is held in memory when the next one is made. */
  private static final long MOST_CHANGES = 200_000;

  private final TreeName tree;
  private final TreeLog log;
  private final SnapshotStore snapshots;

  public History(TreeLog log, SnapshotStore snapshots) {
    this.tree = log.tree();
    this.log = log;
    this.snapshots = snapshots;
  }

  /** Where a reader goes on behind the newest sealed change; empty if nothing is sealed. */
  public Optional<Cursor> resumePoint() throws IOException {
    Optional<Cursor> ofLog = log.resumePoint();
    Optional<Cursor> ofSnapshot =
        snapshots.newestAtOrBefore(Long.MAX_VALUE).map(SnapshotInfo::cursor);
    boolean snapshotIsNewer =
        ofSnapshot.isPresent()
            && (ofLog.isEmpty() || ofLog.get().sequence() < ofSnapshot.get().sequence());
    return snapshotIsNewer ? ofSnapshot : ofLog;
  }

  /**
   * The tree as it stood at an instant: the newest snapshot at or before it, with the log applied
   * up to it.
   *
   * @throws NoSuchInstantException if the instant lies before the first sealed change, or is a
   *     sequence that is not sealed
   * @throws IOException if a blob is damaged or missing, by its own type
   */
  public TreeAt at(At at) throws IOException {
    Cursor end =
        resumePoint()
            .orElseThrow(
                () ->
                    new NoSuchInstantException(
                        "Tree %s has no recorded instant: nothing of it is sealed yet. `tidemark trees` lists those that have."
                            .formatted(tree)));
    return switch (at) {
      case At.Newest() -> replay(end.sequence(), end, end.logTimeMillis());
      case At.Sequence(long sequence) -> {
        if (sequence < 1 || sequence > end.sequence()) {
          throw noSuchSequence(sequence, end);
        }
        yield replay(sequence, end, Long.MAX_VALUE);
      }
      case At.Time(long logTimeMillis) -> {
        long sequence = sequenceAt(logTimeMillis, end);
        // What retention took out behind it may have been before the instant asked for.
        long completeTo =
            log.list().removed().beginAfter(sequence)
                ? Long.MAX_VALUE
                : Math.min(logTimeMillis, end.logTimeMillis());
        yield replay(sequence, end, completeTo);
      }
    };
  }

  private long sequenceAt(long logTimeMillis, Cursor end) throws IOException {
    if (logTimeMillis >= end.logTimeMillis()) {
      return end.sequence();
    }
    OptionalLong inLog = log.lastSequenceAt(logTimeMillis);
    Optional<SnapshotInfo> inSnapshot = snapshots.newestAtOrBeforeTime(logTimeMillis);
    long sequence = Math.max(inLog.orElse(0), inSnapshot.map(SnapshotInfo::sequence).orElse(0L));
    if (sequence == 0) {
      throw new NoSuchInstantException(
          "Tree %s was not recorded yet at %s. Its first recorded instant is %s."
              .formatted(tree, Instant.ofEpochMilli(logTimeMillis), firstInstant()));
    }
    return sequence;
  }

  private Instant firstInstant() throws IOException {
    Optional<SealedChange> first = log.first();
    long millis = first.map(SealedChange::logTimeMillis).orElse(Long.MAX_VALUE);
    List<Long> sequences = snapshots.sequences();
    if (!sequences.isEmpty()) {
      millis = Math.min(millis, snapshots.read(sequences.getFirst()).logTimeMillis());
    }
    return Instant.ofEpochMilli(millis);
  }

  private NoSuchInstantException noSuchSequence(long sequence, Cursor end) throws IOException {
    return new NoSuchInstantException(
        "Tree %s has no sealed change %d: the newest is %d of %s, the first is of %s."
            .formatted(
                tree,
                sequence,
                end.sequence(),
                Instant.ofEpochMilli(end.logTimeMillis()),
                firstInstant()));
  }

  private boolean isRemoved(Optional<SnapshotInfo> start, long sequence) throws IOException {
    long from = start.map(SnapshotInfo::sequence).orElse(0L) + 1;
    return log.list().removed().meets(from, sequence);
  }

  private NoSuchInstantException removedByRetention(long sequence, Optional<SnapshotInfo> kept) {
    return new NoSuchInstantException(
        "Change %d of tree %s was taken out of its history by `tidemark retain`. %s"
            .formatted(
                sequence,
                tree,
                kept.map(
                        info ->
                            "The instant kept before it is change %d of %s."
                                .formatted(
                                    info.sequence(), Instant.ofEpochMilli(info.logTimeMillis())))
                    .orElse("No instant before it is kept.")));
  }

  /**
   * @param completeTo at most this; the log time reached if nothing else bounds it
   */
  private TreeAt replay(long sequence, Cursor end, long completeTo) throws IOException {
    Optional<SnapshotInfo> start = snapshots.newestAtOrBefore(sequence);
    TreeBase base = start.isEmpty() ? TreeBase.EMPTY : snapshots.open(start.get());
    Tree replayed = Tree.on(base);
    long reached = start.map(SnapshotInfo::sequence).orElse(0L);
    long logTime = start.map(SnapshotInfo::logTimeMillis).orElse(0L);
    try (SealedChangeStream changes = log.read(reached, sequence)) {
      for (Optional<SealedChange> next = changes.next(); next.isPresent(); next = changes.next()) {
        SealedChange change = next.get();
        apply(replayed, change);
        reached = change.sequence();
        logTime = change.logTimeMillis();
      }
    } catch (LogHoleException e) {
      throw isRemoved(start, sequence) ? removedByRetention(sequence, start) : e;
    }
    if (reached != sequence && isRemoved(start, sequence)) {
      throw removedByRetention(sequence, start);
    }
    if (reached != sequence) {
      // Sequences between two incarnations of the log, or before what is kept, were never given.
      throw noSuchSequence(sequence, end);
    }
    return new TreeAt(
        replayed, sequence, logTime, end, completeTo == Long.MAX_VALUE ? logTime : completeTo);
  }

  private void apply(Tree replayed, SealedChange change) throws IOException {
    try {
      replayed.apply(change.change().body());
    } catch (TreeException e) {
      throw new IOException(
          ("Change %d of tree %s does not fit what is sealed before it: %s Instants before it can"
                  + " be restored with `tidemark restore --at`.")
              .formatted(change.sequence(), tree, e.getMessage()),
          e);
    }
  }

  /**
   * Makes a snapshot of the newest sealed change if the log since the last one outweighs it: so
   * that reading an instant never costs more than about two snapshots, and writing snapshots never
   * more than the log.
   *
   * @return empty if none is due, or may be made
   */
  public Optional<SnapshotInfo> snapshotIfDue() throws IOException {
    return isDue() ? snapshotNow() : Optional.empty();
  }

  private boolean isDue() throws IOException {
    Optional<SnapshotInfo> last = snapshots.newestAtOrBefore(Long.MAX_VALUE);
    long since = last.map(SnapshotInfo::sequence).orElse(0L);
    long bytes = 0;
    long changes = 0;
    for (LogSegment segment : log.segments(since + 1)) {
      bytes += segment.bytes();
      changes += segment.last() - Math.max(since, segment.first() - 1);
    }
    boolean worth = bytes >= FLOOR_BYTES || changes >= FLOOR_CHANGES;
    return changes >= MOST_CHANGES
        || worth && bytes > last.map(SnapshotInfo::manifestBytes).orElse(0L);
  }

  /**
   * Makes a snapshot of the newest sealed change.
   *
   * @return the one of that change, made now or before; empty if nothing is sealed, and between the
   *     marks of a full scan, where a reader that starts could not know what was put before
   */
  public Optional<SnapshotInfo> snapshotNow() throws IOException {
    Optional<Cursor> end = resumePoint();
    if (end.isEmpty() || end.get().openScan() == OpenScan.FULL) {
      return Optional.empty();
    }
    long sequence = end.get().sequence();
    Optional<SnapshotInfo> there =
        snapshots.newestAtOrBefore(sequence).filter(info -> info.sequence() == sequence);
    if (there.isPresent()) {
      return there;
    }
    TreeAt newest = replay(sequence, end.get(), end.get().logTimeMillis());
    return Optional.of(snapshots.write(newest.tree(), end.get()));
  }
}
