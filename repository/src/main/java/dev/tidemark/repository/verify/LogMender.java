package dev.tidemark.repository.verify;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.blob.BlobMissingException;
import dev.tidemark.repository.blob.CorruptBlobException;
import dev.tidemark.repository.snapshot.SnapshotStore;
import dev.tidemark.repository.treelog.LogListing;
import dev.tidemark.repository.treelog.LogSegment;
import dev.tidemark.repository.treelog.SealedChangeStream;
import dev.tidemark.repository.treelog.TreeLog;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Cursor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a tree's log whole again: seals once more what damaged or missing segments held, from the
 * log outside, and takes out damaged segments all of whose changes are in others. For one thread.
 *
 * <p>Sequences are given by the same function that gave them first: reading begins at the resume
 * point of a whole segment or snapshot before the lost changes, and each record is judged as the
 * chunk-store judged it. Nothing is put unless the changes come out without a gap, and one that is
 * known to have been sealed, behind them or the last of them, comes out as it was.
 */
final class LogMender {
  private static final Logger log = LoggerFactory.getLogger(LogMender.class);

  /** Of one segment, held in memory. */
  private static final int SEGMENT_CHANGES = 4_096;

  private final Repository repository;
  private final TreeName tree;
  private final TreeLog treeLog;
  private final SnapshotStore snapshots;
  private final Optional<LoggedChanges> logged;
  private final Set<LogSegment> damaged;
  private final Set<Long> damagedSnapshots;
  private final Optional<Cursor> sealed;
  private final LogListing listing;
  private final Set<LogSegment> made = new HashSet<>();
  private final List<String> troubles = new ArrayList<>();
  private int takenOut;

  LogMender(
      Repository repository,
      TreeName tree,
      Optional<LoggedChanges> logged,
      Set<LogSegment> damaged,
      Set<Long> damagedSnapshots)
      throws IOException {
    this.repository = repository;
    this.tree = tree;
    this.treeLog = repository.log(tree);
    this.snapshots = repository.snapshots(tree);
    this.logged = logged;
    this.damaged = damaged;
    this.damagedSnapshots = damagedSnapshots;
    // First, so that what is sealed meanwhile is not missed in the listing.
    this.sealed = logged.isPresent() ? sealedBy(logged.get()) : Optional.empty();
    this.listing = treeLog.list();
  }

  private Optional<Cursor> sealedBy(LoggedChanges source) {
    try {
      return source
          .sealed(tree)
          .filter(at -> at.changesTopic().equals(source.topic()))
          // None of an incarnation that has only just begun.
          .filter(at -> at.sequence() % Cursor.INCARNATION != 0);
    } catch (IOException e) {
      trouble(source, e);
      return Optional.empty();
    }
  }

  /**
   * Does it.
   *
   * @throws IOException if the store could not be read or written; what the log outside does not
   *     give is among the troubles
   */
  void run() throws IOException {
    if (logged.isPresent()) {
      mendFrom(logged.get());
    }
    List<LostRange> there = new ArrayList<>(LostRange.covered(listing, damaged));
    made.forEach(segment -> there.add(new LostRange(segment.first(), segment.last())));
    List<LostRange> whole = LostRange.joined(there);
    for (LogSegment segment : damaged) {
      boolean isElsewhere = new LostRange(segment.first(), segment.last()).without(whole).isEmpty();
      boolean isMadeAgain = made.stream().anyMatch(m -> m.name().equals(segment.name()));
      if (isElsewhere && !isMadeAgain) {
        treeLog.delete(segment);
        takenOut++;
      }
    }
  }

  private void mendFrom(LoggedChanges source) throws IOException {
    long newest =
        Math.max(
            sealed.map(Cursor::sequence).orElse(0L),
            snapshots.sequences().stream().reduce((_, later) -> later).orElse(0L));
    long before = repository.descriptor().sequencesAfter();
    for (LostRange lost : LostRange.find(listing, damaged, before, newest)) {
      try {
        mend(source, lost);
      } catch (NotInLogException e) {
        trouble(source, e);
      }
    }
  }

  private void trouble(LoggedChanges source, IOException e) {
    log.atWarn()
        .addKeyValue("tree", tree)
        .addKeyValue("source", source.name())
        .setCause(e)
        .log("lost changes cannot be had again");
    troubles.add(String.valueOf(e.getMessage()));
  }

  private void mend(LoggedChanges source, LostRange lost) throws IOException {
    Cursor start = startBefore(source, lost);
    Replay check = new Replay(source, start, lost, knownBehind(lost), sealed);
    check.run((_, _) -> {});
    check.requireSame();
    List<SealedChange> changes = new ArrayList<>();
    Cursor[] end = {start};
    new Replay(source, start, lost, Optional.empty(), Optional.empty())
        .run(
            (change, after) -> {
              changes.add(change);
              end[0] = after;
              if (changes.size() == SEGMENT_CHANGES) {
                made.add(treeLog.restore(changes, after));
                changes.clear();
              }
            });
    if (!changes.isEmpty()) {
      made.add(treeLog.restore(changes, end[0]));
    }
    log.atInfo()
        .addKeyValue("tree", tree)
        .addKeyValue("first", lost.first())
        .addKeyValue("last", lost.last())
        .addKeyValue("source", source.name())
        .log("lost changes sealed again");
  }

  private interface Question {
    Cursor ask() throws IOException;
  }

  /** Where the chunk-store stood before the first of the lost changes, or earlier. */
  private Cursor startBefore(LoggedChanges source, LostRange lost) throws IOException {
    Map<Long, Question> ends = new TreeMap<>();
    for (LogSegment segment : listing.segments()) {
      if (segment.last() < lost.first() && !damaged.contains(segment)) {
        ends.put(segment.last(), () -> treeLog.resumePoint(segment));
      }
    }
    for (long sequence : snapshots.sequences()) {
      if (sequence < lost.first() && !damagedSnapshots.contains(sequence)) {
        ends.putIfAbsent(sequence, () -> snapshots.read(sequence).cursor());
      }
    }
    Optional<Cursor> newest = Optional.empty();
    for (Question end : new TreeMap<>(ends).descendingMap().values()) {
      newest = newest.isPresent() ? newest : find(end);
    }
    int partition = source.partitionOf(tree);
    long firstOffset;
    try {
      firstOffset = source.firstOffset(partition);
    } catch (IOException e) {
      throw new NotInLogException(lost, String.valueOf(e.getMessage()));
    }
    boolean isOfThisLog =
        newest.filter(cursor -> cursor.changesTopic().equals(source.topic())).isPresent();
    if (newest.isPresent() && isOfThisLog) {
      Cursor cursor = newest.get();
      if (LostRange.baseOf(lost.first()) > cursor.sequence()) {
        throw new NotInLogException(lost, "where they begin in the log is not known");
      }
      if (cursor.nextOffset() < firstOffset) {
        throw new NotInLogException(
            lost,
            "it begins at offset %d, they begin behind offset %d"
                .formatted(firstOffset, cursor.nextOffset()));
      }
      return cursor;
    }
    if (firstOffset > 0) {
      throw new NotInLogException(lost, "it has lost its beginning");
    }
    long before = repository.descriptor().sequencesAfter();
    return newest.isPresent()
        ? newest.get().newIncarnation(source.topic(), partition, 0, before)
        : Cursor.start(source.topic(), partition, 0, before);
  }

  private Optional<Cursor> find(Question end) throws IOException {
    try {
      return Optional.of(end.ask());
    } catch (CorruptBlobException | BlobMissingException other) {
      log.atDebug().addKeyValue("tree", tree).setCause(other).log("no resume point");
      return Optional.empty();
    }
  }

  /** The first change behind the lost ones, of the same incarnation, that a whole segment holds. */
  private Optional<SealedChange> knownBehind(LostRange lost) throws IOException {
    Optional<LogSegment> holder = Optional.empty();
    long sequence = Long.MAX_VALUE;
    for (LogSegment segment : listing.segments()) {
      long candidate = Math.max(segment.first(), lost.last() + 1);
      if (!damaged.contains(segment) && segment.last() > lost.last() && candidate < sequence) {
        holder = Optional.of(segment);
        sequence = candidate;
      }
    }
    if (holder.isEmpty() || LostRange.baseOf(sequence) != LostRange.baseOf(lost.last())) {
      return Optional.empty();
    }
    try (SealedChangeStream changes = treeLog.read(holder.get())) {
      Optional<SealedChange> next = changes.next();
      while (next.isPresent() && next.get().sequence() < sequence) {
        next = changes.next();
      }
      return next;
    }
  }

  /** The segments that were made. */
  Set<LogSegment> made() {
    return made;
  }

  /** Damaged ones that are no longer there. */
  int takenOut() {
    return takenOut;
  }

  /** Why something was not to be had. */
  List<String> troubles() {
    return troubles;
  }

  /** What Kafka has is not what is lost. */
  private final class NotInLogException extends IOException {
    private static final long serialVersionUID = 1L;

    NotInLogException(LostRange lost, String why) {
      super(
          "changes %d to %d of tree %s cannot be had from the log: %s"
              .formatted(lost.first(), lost.last(), tree, why));
    }
  }

  private interface Taker {
    void take(SealedChange change, Cursor after) throws IOException;
  }

  /** One reading of the log, judged from a resume point on. */
  private final class Replay {
    private final LoggedChanges source;
    private final LostRange lost;
    private final Optional<SealedChange> behind;
    private final Optional<Cursor> sealed;
    private Cursor at;
    private long found;
    private boolean vouched;
    private long differing;

    Replay(
        LoggedChanges source,
        Cursor start,
        LostRange lost,
        Optional<SealedChange> behind,
        Optional<Cursor> sealed) {
      this.source = source;
      this.at = start;
      this.lost = lost;
      this.behind = behind;
      this.sealed = sealed.filter(end -> end.sequence() >= lost.last());
    }

    void run(Taker taker) throws IOException {
      long end =
          behind
              .map(SealedChange::sequence)
              .or(() -> sealed.map(Cursor::sequence))
              .orElse(lost.last());
      try {
        source.read(
            at.partition(),
            tree,
            at.nextOffset(),
            (offset, time, change) -> {
              var verdict = at.accept(change, offset, time);
              long before = at.sequence();
              at = verdict.next();
              if (at.sequence() > before) {
                judge(
                    new SealedChange(
                        at.sequence(),
                        at.logTimeMillis(),
                        new SealedChange.Origin(
                            at.changesTopic(), at.partition(), offset, at.epoch()),
                        change),
                    taker);
              }
              return at.sequence() < end;
            });
      } catch (StoringFailedException e) {
        throw e.failure;
      } catch (IOException e) {
        throw new NotInLogException(lost, String.valueOf(e.getMessage()));
      }
      if (found != lost.last() - lost.first() + 1) {
        throw new NotInLogException(lost, "it gives %d of them".formatted(found));
      }
    }

    private void judge(SealedChange change, Taker taker) throws IOException {
      long sequence = change.sequence();
      if (sequence >= lost.first() && sequence <= lost.last()) {
        found++;
        try {
          taker.take(change, at);
        } catch (IOException e) {
          throw new StoringFailedException(e);
        }
      }
      if (behind.filter(known -> known.sequence() == sequence).isPresent()) {
        compare(sequence, behind.get().origin().equals(change.origin()));
      }
      if (sealed.filter(end -> end.sequence() == sequence).isPresent()) {
        Cursor end = sealed.get();
        compare(
            sequence,
            end.lastOffset() == change.origin().offset()
                && end.epoch().equals(change.origin().epoch()));
      }
    }

    private void compare(long sequence, boolean isSame) {
      vouched |= isSame;
      if (!isSame) {
        differing = sequence;
      }
    }

    void requireSame() throws NotInLogException {
      if (differing > 0) {
        throw new NotInLogException(
            lost, "its change %d is not the one that was sealed".formatted(differing));
      }
      if (!vouched) {
        throw new NotInLogException(
            lost, "nothing that was sealed behind them tells that these are they");
      }
    }
  }

  /** Failures of the repository, told apart from those of the log. */
  private static final class StoringFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final IOException failure;

    StoringFailedException(IOException failure) {
      super(failure);
      this.failure = failure;
    }
  }
}
