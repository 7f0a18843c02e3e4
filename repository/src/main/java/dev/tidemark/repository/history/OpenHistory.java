package dev.tidemark.repository.history;

import dev.tidemark.repository.blob.BlobMissingException;
import dev.tidemark.repository.blob.CorruptBlobException;
import dev.tidemark.repository.snapshot.LongReplay;
import dev.tidemark.repository.snapshot.MendedTree;
import dev.tidemark.repository.snapshot.SnapshotInfo;
import dev.tidemark.repository.snapshot.SnapshotStore;
import dev.tidemark.repository.treelog.CorruptSegmentException;
import dev.tidemark.repository.treelog.LogHoleException;
import dev.tidemark.repository.treelog.LogListing;
import dev.tidemark.repository.treelog.LogSegment;
import dev.tidemark.repository.treelog.SealedChangeStream;
import dev.tidemark.repository.treelog.TreeLog;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.tree.Tree;
import dev.tidemark.schemas.tree.TreeBase;
import dev.tidemark.schemas.tree.TreeException;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The history of one tree as it was when it was opened: one listing of its log and one of its
 * snapshots serve every question. They are made again only where what they name has been deleted
 * meanwhile. For one thread.
 */
public final class OpenHistory {
  private static final Logger warn = LoggerFactory.getLogger(OpenHistory.class);

  private static final int LISTINGS = 4;

  private final TreeName tree;
  private final TreeLog log;
  private final ListedSnapshots snapshots;
  private LogListing listing;

  OpenHistory(TreeLog log, SnapshotStore snapshots) throws IOException {
    this(log, new ListedSnapshots(snapshots));
  }

  private OpenHistory(TreeLog log, ListedSnapshots snapshots) throws IOException {
    this.tree = log.tree();
    this.log = log;
    this.snapshots = snapshots;
    this.listing = log.list();
    snapshots.list();
  }

  /**
   * The log first: what retention takes out of it has a snapshot before, and segments stay readable
   * for a while.
   */
  private void listAgain() throws IOException {
    listing = log.list();
    snapshots.list();
  }

  private interface Question<T> {
    T ask() throws IOException;
  }

  private <T> T again(Question<T> question) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        return question.ask();
      } catch (BlobMissingException deletedMeanwhile) {
        if (attempt == LISTINGS) {
          throw deletedMeanwhile;
        }
        listAgain();
      } catch (CorruptSegmentException e) {
        listing = listing.without(e.blob()).orElseThrow(() -> e);
        warn.atWarn()
            .addKeyValue("blob", e.blob())
            .log("log segment is damaged, others that hold the same are read; run tidemark repair");
      }
    }
  }

  /** Where a reader goes on behind the newest sealed change; empty if nothing is sealed. */
  public Optional<Cursor> resumePoint() throws IOException {
    return again(this::findResumePoint);
  }

  private Optional<Cursor> findResumePoint() throws IOException {
    long logged =
        listing.segments().stream()
            .filter(segment -> !listing.removed().covers(segment.first(), segment.last()))
            .mapToLong(LogSegment::last)
            .max()
            .orElse(0);
    List<Long> sequences = snapshots.sequences();
    return sequences.isEmpty() || sequences.getLast() <= logged
        ? log.resumePoint(listing)
        : Optional.of(snapshots.read(sequences.getLast()).cursor());
  }

  /** The snapshot of exactly this sequence. */
  Optional<SnapshotInfo> snapshotOf(long sequence) throws IOException {
    return again(
        () ->
            snapshots.sequences().contains(sequence)
                ? Optional.of(snapshots.read(sequence))
                : Optional.empty());
  }

  Growth sinceLastSnapshot() throws IOException {
    return again(
        () -> {
          Optional<SnapshotInfo> last = snapshots.newest(Long.MAX_VALUE);
          long since = last.map(SnapshotInfo::sequence).orElse(0L);
          long bytes = 0;
          long changes = 0;
          for (LogSegment segment : log.segments(listing, since + 1)) {
            long behind = segment.last() - Math.max(since, segment.first() - 1);
            // A merged segment may begin long before the snapshot.
            bytes += segment.bytes() * behind / (segment.last() - segment.first() + 1);
            changes += behind;
          }
          return new Growth(changes, bytes, last.map(SnapshotInfo::manifestBytes).orElse(0L));
        });
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
    return again(() -> find(at));
  }

  private TreeAt find(At at) throws IOException {
    Cursor end;
    try {
      end =
          findResumePoint()
              .orElseThrow(
                  () ->
                      new NoSuchInstantException(
                          "Tree %s has no recorded instant: nothing of it is sealed yet. `tidemark trees` lists those that have."
                              .formatted(tree)));
    } catch (CorruptBlobException newestDamaged) {
      end = endBefore(at).orElseThrow(() -> newestDamaged);
    }
    return find(at, end);
  }

  /**
   * The newest end of what can be read, if an instant surely lies before it: damage to what is
   * newer need not keep anybody from what is older.
   */
  private Optional<Cursor> endBefore(At at) throws IOException {
    NavigableMap<Long, Question<Cursor>> ends = new TreeMap<>();
    for (LogSegment segment : log.segments(listing, 0)) {
      ends.put(segment.last(), () -> log.resumePoint(segment));
    }
    for (long sequence : snapshots.sequences()) {
      ends.put(sequence, () -> snapshots.read(sequence).cursor());
    }
    Optional<Cursor> newest = Optional.empty();
    for (Question<Cursor> end : ends.descendingMap().values()) {
      newest = newest.isPresent() ? newest : readable(end);
    }
    return switch (at) {
      case At.Newest() -> Optional.empty();
      case At.Sequence(long sequence) -> newest.filter(end -> sequence <= end.sequence());
      case At.Time(long millis) -> newest.filter(end -> millis < end.logTimeMillis());
    };
  }

  private static Optional<Cursor> readable(Question<Cursor> end) throws IOException {
    try {
      return Optional.of(end.ask());
    } catch (CorruptBlobException damaged) {
      return Optional.empty();
    }
  }

  private TreeAt find(At at, Cursor end) throws IOException {
    return switch (at) {
      case At.Newest() -> replay(end.sequence(), end, end.logTimeMillis());
      case At.Sequence(long sequence) -> {
        if (sequence < 1 || sequence > end.sequence()) {
          throw noSuchSequence(sequence, end);
        }
        yield replay(sequence, end, Long.MAX_VALUE);
      }
      case At.Time(long logTimeMillis) -> {
        long sequence = instants().sequenceAt(logTimeMillis, end);
        // What retention took out behind it may have been before the instant asked for.
        long completeTo =
            listing.removed().beginAfter(sequence)
                ? Long.MAX_VALUE
                : Math.min(logTimeMillis, end.logTimeMillis());
        yield replay(sequence, end, completeTo);
      }
    };
  }

  /**
   * From the first to the last instant that is kept, in log time.
   *
   * @return empty if nothing is sealed
   */
  public Optional<Span> span() throws IOException {
    return again(
        () -> {
          Optional<Cursor> end = findResumePoint();
          if (end.isEmpty()) {
            return Optional.empty();
          }
          long last = end.get().logTimeMillis();
          return Optional.of(
              new Span(Math.min(instants().firstInstant().toEpochMilli(), last), last));
        });
  }

  private InstantLookup instants() {
    return new InstantLookup(log, listing, snapshots);
  }

  private NoSuchInstantException noSuchSequence(long sequence, Cursor end) throws IOException {
    return new NoSuchInstantException(
        "Tree %s has no sealed change %d: the newest is %d of %s, the first is of %s."
            .formatted(
                tree,
                sequence,
                end.sequence(),
                Instant.ofEpochMilli(end.logTimeMillis()),
                instants().firstInstant()));
  }

  private boolean isRemoved(Optional<SnapshotInfo> start, long sequence) {
    long from = start.map(SnapshotInfo::sequence).orElse(0L) + 1;
    return listing.removed().meets(from, sequence);
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
    Optional<SnapshotInfo> start = snapshots.newest(sequence);
    TreeBase base = start.isEmpty() ? TreeBase.EMPTY : open(start.get());
    Tree replayed = Tree.on(base);
    long logTime;
    try {
      logTime = readLog(start, sequence, end, replayed::apply);
    } catch (LogHoleException | NoSuchInstantException e) {
      throw snapshots.damageOr(e, start, sequence);
    }
    return new TreeAt(
        replayed, sequence, logTime, end, completeTo == Long.MAX_VALUE ? logTime : completeTo);
  }

  private TreeBase open(SnapshotInfo info) {
    return new MendedTree(
        snapshots.store().open(info),
        damage -> {
          try {
            return new OpenHistory(log, snapshots.without(info.sequence(), damage))
                .at(new At.Sequence(info.sequence()))
                .tree();
          } catch (LogHoleException | NoSuchInstantException e) {
            damage.addSuppressed(e);
            throw damage;
          }
        });
  }

  interface Applying {
    void apply(Change.Body body) throws IOException;
  }

  /**
   * Shows the changes behind a snapshot through {@code sequence}, which must be one.
   *
   * @return effective log time of the last of them
   */
  private long readLog(Optional<SnapshotInfo> start, long sequence, Cursor end, Applying applying)
      throws IOException {
    long reached = start.map(SnapshotInfo::sequence).orElse(0L);
    long logTime = start.map(SnapshotInfo::logTimeMillis).orElse(0L);
    try (SealedChangeStream changes = log.read(listing, reached, sequence)) {
      for (Optional<SealedChange> next = changes.next(); next.isPresent(); next = changes.next()) {
        apply(next.get(), applying);
        reached = next.get().sequence();
        logTime = next.get().logTimeMillis();
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
    return logTime;
  }

  void apply(SealedChange change, Applying applying) throws IOException {
    try {
      applying.apply(change.change().body());
    } catch (TreeException e) {
      throw new IOException(
          ("Change %d of tree %s does not fit what is sealed before it: %s Instants before it can"
                  + " be restored with `tidemark restore --at`.")
              .formatted(change.sequence(), tree, e.getMessage()),
          e);
    }
  }

  /**
   * What happened to one path: the last {@code most} times that what stands there became another,
   * as far as the history is kept and sealed. What is given can be shown what comes after. Reads
   * the log once, and of trees only what stands at that path where the log alone does not tell:
   * after a move of a directory above it, a full scan, and what retention has taken out.
   */
  public PathFollower follow(NodePath path, int most) throws IOException {
    HistoryWalk.Trees trees = sequence -> at(new At.Sequence(sequence)).tree();
    return again(() -> show(new PathFollower(path, most), trees));
  }

  /**
   * Shows all that is kept and sealed, with the tree going along: for who asks for it often.
   *
   * @param viewers makes one anew if the walk has to begin again
   */
  public <V extends HistoryViewer> V walk(Supplier<V> viewers) throws IOException {
    return again(
        () -> {
          try (RunningTree trees = new RunningTree(this)) {
            return show(viewers.get(), trees);
          }
        });
  }

  /**
   * Shows all changes behind one, through another, both sealed.
   *
   * @param viewers makes one anew if the reading has to begin again
   * @return empty if the log has not kept them all
   */
  public <V extends ChangeViewer> Optional<V> between(long after, long through, Supplier<V> viewers)
      throws IOException {
    return again(
        () -> {
          V viewer = viewers.get();
          long reached = after;
          try (SealedChangeStream changes = log.read(listing, after, through)) {
            for (var next = changes.next(); next.isPresent(); next = changes.next()) {
              viewer.show(next.get().change());
              reached = next.get().sequence();
            }
          } catch (LogHoleException removed) {
            return Optional.empty();
          }
          return reached >= through ? Optional.of(viewer) : Optional.<V>empty();
        });
  }

  private <V extends HistoryViewer> V show(V viewer, HistoryWalk.Trees trees) throws IOException {
    findResumePoint().ifPresent(viewer::knowWriter);
    return new HistoryWalk<>(viewer, trees, snapshots.store())
        .show(log, listing, snapshots.sequences());
  }

  LongReplay emptyReplay() throws IOException {
    return snapshots.store().replayFrom(Optional.empty());
  }

  /** The tree after a change, to which others can be applied. */
  LongReplay replayTo(long sequence) throws IOException {
    Optional<SnapshotInfo> start = snapshots.newest(sequence);
    LongReplay replay = snapshots.store().replayFrom(start);
    try {
      readLog(start, sequence, findResumePoint().orElseThrow(), replay::apply);
      return replay;
    } catch (IOException | RuntimeException e) {
      replay.close();
      throw e;
    }
  }

  /** Makes the snapshot of the newest sealed change, which no full scan may be open at. */
  SnapshotInfo writeNewest(Cursor end) throws IOException {
    return again(
        () -> {
          try (LongReplay replay = replayTo(end.sequence())) {
            return snapshots.store().write(replay.tree(), end);
          }
        });
  }
}
