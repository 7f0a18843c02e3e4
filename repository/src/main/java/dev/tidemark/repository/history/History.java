package dev.tidemark.repository.history;

import dev.tidemark.repository.snapshot.SnapshotInfo;
import dev.tidemark.repository.snapshot.SnapshotStore;
import dev.tidemark.repository.treelog.TreeLog;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Cursor.OpenScan;
import java.io.IOException;
import java.util.Optional;

/** The history of one tree. Thread-safe. */
public final class History {
  /** Below this a log is short enough to be replayed whatever a snapshot would cost. */
  public static final long FLOOR_BYTES = 1 << 20;

  /** The same in changes. */
  public static final long FLOOR_CHANGES = 2_000;

  /** So much cheaper, in parts of a snapshot, is the log behind one that a tree at rest is left. */
  private static final long PARTS_AT_REST = 8;

  /** What lies between a snapshot and an instant is held in memory by whoever restores it. */
  private static final long MOST_CHANGES = 200_000;

  private final TreeLog log;
  private final SnapshotStore snapshots;

  public History(TreeLog log, SnapshotStore snapshots) {
    this.log = log;
    this.snapshots = snapshots;
  }

  /** Lists the tree's log and snapshots, for several questions about the same moment. */
  public OpenHistory open() throws IOException {
    return new OpenHistory(log, snapshots);
  }

  /** Where a reader goes on behind the newest sealed change; empty if nothing is sealed. */
  public Optional<Cursor> resumePoint() throws IOException {
    return open().resumePoint();
  }

  /**
   * The tree as it stood at an instant, as {@link OpenHistory#at} has it.
   *
   * @throws NoSuchInstantException if the instant lies before the first sealed change, or is a
   *     sequence that is not sealed
   * @throws IOException if a blob is damaged or missing, by its own type
   */
  public TreeAt at(At at) throws IOException {
    return open().at(at);
  }

  /** Whether more changes are to be expected soon. */
  public enum Pace {
    /** The tree is changing. */
    BUSY,

    /** It has changed, and does no more: what is read next is most likely how it stands now. */
    AT_REST
  }

  /**
   * Makes a snapshot of the newest sealed change if the log since the last one outweighs it: so
   * that reading an instant never costs more than about two snapshots, and writing snapshots never
   * more than the log. For a tree at rest an eighth is enough, so that one file of its newest state
   * is not paid for with the replay of a large part of its log.
   *
   * @return empty if none is due, or may be made
   */
  public Optional<SnapshotInfo> snapshotIfDue(Pace pace) throws IOException {
    OpenHistory open = open();
    return isDue(open, pace) ? snapshot(open) : Optional.empty();
  }

  private static boolean isDue(OpenHistory open, Pace pace) throws IOException {
    Growth growth = open.sinceLastSnapshot();
    boolean worth = growth.bytes() >= FLOOR_BYTES || growth.changes() >= FLOOR_CHANGES;
    long enough =
        switch (pace) {
          case BUSY -> growth.manifestBytes();
          case AT_REST -> growth.manifestBytes() / PARTS_AT_REST;
        };
    return growth.changes() >= MOST_CHANGES || worth && growth.bytes() > enough;
  }

  /**
   * Makes a snapshot of the newest sealed change.
   *
   * @return the one of that change, made now or before; empty if nothing is sealed, and between the
   *     marks of a full scan, where a reader that starts could not know what was put before
   */
  public Optional<SnapshotInfo> snapshotNow() throws IOException {
    return snapshot(open());
  }

  private Optional<SnapshotInfo> snapshot(OpenHistory open) throws IOException {
    Optional<Cursor> end = open.resumePoint();
    if (end.isEmpty() || end.get().openScan() == OpenScan.FULL) {
      return Optional.empty();
    }
    Optional<SnapshotInfo> there = open.snapshotOf(end.get().sequence());
    if (there.isPresent()) {
      return there;
    }
    return Optional.of(open.writeNewest(end.get()));
  }
}
