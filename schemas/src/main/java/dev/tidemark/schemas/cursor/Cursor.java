package dev.tidemark.schemas.cursor;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.EpochStarted;
import dev.tidemark.schemas.change.Change.Heartbeat;
import dev.tidemark.schemas.change.Change.Previous;
import dev.tidemark.schemas.change.Change.ScanCompleted;
import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.schemas.change.Change.ScanStarted;
import dev.tidemark.schemas.change.Change.Tag;
import dev.tidemark.schemas.change.Epoch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Where a reader stands in one tree's log: all that decides about the next record.
 *
 * @param changesTopic Kafka's id of the changes topic; offsets of different ids are never compared
 * @param nextOffset of the next record to read
 * @param epoch the newest accepted; {@link #NO_EPOCH} before the first
 * @param host of its writer
 * @param number last accepted number of the epoch
 * @param sequence last counted sequence of the tree
 * @param lastOffset offset of the last counted change, −1 if there is none
 * @param logTimeMillis effective log time: the greatest append time over the counted changes
 * @param terms last accepted term of each writer, oldest first, at most {@value #MAX_REMEMBERED}
 * @param tags identities of the last tags, oldest first, at most {@value #MAX_REMEMBERED}
 * @param openScan the scan between whose marks the reader stands
 * @param scanCompleted sequence of the last SCAN_COMPLETED, 0 if there is none
 */
public record Cursor(
    UUID changesTopic,
    int partition,
    long nextOffset,
    Epoch epoch,
    String host,
    long number,
    long sequence,
    long lastOffset,
    long logTimeMillis,
    Map<UUID, Long> terms,
    List<UUID> tags,
    OpenScan openScan,
    long scanCompleted,
    Fault fault) {
  public static final Epoch NO_EPOCH = new Epoch(Change.NO_EPOCH, new UUID(0, 0));

  /** Sequences of one incarnation of the log: change 42 of the third is 3 000 000 000 042. */
  public static final long INCARNATION = 1_000_000_000_000L;

  static final int MAX_REMEMBERED = 64;

  /** A scan between whose marks a reader stands. */
  public enum OpenScan {
    NONE,
    DIFFERENCE,
    FULL
  }

  public Cursor {
    terms = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(terms));
    tags = List.copyOf(tags);
  }

  /** Before the first record of a tree that nobody has written yet. */
  public static Cursor start(UUID changesTopic, int partition, long firstOffset) {
    return new Cursor(
        changesTopic,
        partition,
        firstOffset,
        NO_EPOCH,
        "",
        0,
        0,
        -1,
        0,
        Map.of(),
        List.of(),
        OpenScan.NONE,
        0,
        Fault.NONE);
  }

  public boolean hasEpoch() {
    return !epoch.equals(NO_EPOCH);
  }

  /** Goes on in another log, or in this one after it was truncated: nothing of the old one's offsets counts. */
  public Cursor newIncarnation(UUID newTopic, int newPartition, long firstOffset) {
    long base = (sequence / INCARNATION + 1) * INCARNATION;
    return new Cursor(
        newTopic,
        newPartition,
        firstOffset,
        NO_EPOCH,
        "",
        0,
        base,
        -1,
        logTimeMillis,
        terms,
        tags,
        OpenScan.NONE,
        scanCompleted,
        fault);
  }

  /** The same place, past records that are gone: the tree is faulty until a full scan completes. */
  public Cursor afterLostRange(long newNextOffset) {
    String detail =
        "offsets %d to %d of the changes topic are gone".formatted(nextOffset, newNextOffset - 1);
    return at(newNextOffset)
        .withFault(new Fault(Fault.Kind.LOST_RANGE, sequence, nextOffset, detail));
  }

  /**
   * Judges the next record of this tree.
   *
   * @param offset of the record, at or past {@link #nextOffset()}
   * @param appendTimeMillis the broker's time of the record
   */
  public Verdict accept(Change change, long offset, long appendTimeMillis) {
    if (offset < nextOffset) {
      throw new IllegalArgumentException(
          "offset %d of tree %s: this reader stands at %d"
              .formatted(offset, change.tree(), nextOffset));
    }
    Cursor here = at(offset + 1);
    return switch (change.body()) {
      case EpochStarted started -> here.begin(change, started, offset, appendTimeMillis);
      case Tag tag -> here.acceptTag(tag, offset, appendTimeMillis);
      case Heartbeat beat -> here.acceptHeartbeat(change, beat, offset);
      case ScanStarted started ->
          here.acceptNumbered(
              change, offset, appendTimeMillis, openScan(started.kind()), scanCompleted, fault);
      case ScanCompleted completed ->
          here.acceptNumbered(
              change,
              offset,
              appendTimeMillis,
              OpenScan.NONE,
              sequence + 1,
              heals(completed) ? Fault.NONE : fault);
      case Change.Put _,
          Change.Remove _,
          Change.Move _,
          Change.Exchange _,
          Change.Keep _ ->
          here.acceptNumbered(change, offset, appendTimeMillis, openScan, scanCompleted, fault);
    };
  }

  private boolean heals(ScanCompleted completed) {
    return completed.kind() == ScanKind.FULL && openScan == OpenScan.FULL;
  }

  private static OpenScan openScan(ScanKind kind) {
    return switch (kind) {
      case DIFFERENCE -> OpenScan.DIFFERENCE;
      case FULL -> OpenScan.FULL;
    };
  }

  private Verdict begin(Change change, EpochStarted started, long offset, long appendTime) {
    long lastTerm = terms.getOrDefault(change.writer(), 0L);
    if (started.term() <= lastTerm) {
      return new Verdict.Rejected(
          this,
          "term %d of writer %s came after its term %d"
              .formatted(started.term(), change.writer(), lastTerm));
    }
    Map<UUID, Long> newTerms = new LinkedHashMap<>(terms);
    newTerms.remove(change.writer());
    newTerms.put(change.writer(), started.term());
    trim(newTerms);
    Cursor next =
        new Cursor(
            changesTopic,
            partition,
            nextOffset,
            new Epoch(offset, change.writer()),
            started.host(),
            0,
            sequence + 1,
            offset,
            Math.max(logTimeMillis, appendTime),
            newTerms,
            tags,
            OpenScan.NONE,
            scanCompleted,
            faultAfter(started, offset));
    return new Verdict.Accepted(next);
  }

  /** What this writer knows of the epoch before decides whether something acknowledged is missing here. */
  private Fault faultAfter(EpochStarted started, long offset) {
    if (fault.needsFullScan()) {
      return fault;
    }
    return switch (started.previous()) {
      // A writer that knows nothing heals a gap only by the full scan that it owes.
      case Previous.None() ->
          fault.kind() == Fault.Kind.GAP
              ? new Fault(Fault.Kind.LOST_TAIL, sequence, fault.offset(), fault.detail())
              : fault;
      case Previous.Known(var previous) -> {
        boolean complete = previous.equals(epoch) && number >= started.previousNumber();
        yield complete
            ? Fault.NONE
            : new Fault(
                Fault.Kind.LOST_TAIL,
                sequence,
                offset,
                "the writer knows number %d of epoch %d acknowledged, the log holds number %d of epoch %d"
                    .formatted(
                        started.previousNumber(), previous.offset(), number, epoch.offset()));
      }
    };
  }

  private Verdict acceptTag(Tag tag, long offset, long appendTime) {
    if (!hasEpoch()) {
      return new Verdict.Rejected(this, "a tag before the tree's first epoch");
    }
    if (tags.contains(tag.id())) {
      return new Verdict.Repeated(this);
    }
    if (fault.kind() == Fault.Kind.GAP) {
      return new Verdict.Rejected(this, "behind a gap");
    }
    List<UUID> newTags = new ArrayList<>(tags);
    newTags.add(tag.id());
    if (newTags.size() > MAX_REMEMBERED) {
      newTags.removeFirst();
    }
    return new Verdict.Accepted(
        new Cursor(
            changesTopic,
            partition,
            nextOffset,
            epoch,
            host,
            number,
            sequence + 1,
            offset,
            Math.max(logTimeMillis, appendTime),
            terms,
            newTags,
            openScan,
            scanCompleted,
            fault));
  }

  private Verdict acceptHeartbeat(Change change, Heartbeat beat, long offset) {
    if (!isOf(change)) {
      return rejectedEpoch(change);
    }
    if (fault.kind() == Fault.Kind.GAP) {
      return new Verdict.Rejected(this, "behind a gap");
    }
    // The writer's records keep their order, so what a heartbeat names must already have been read.
    return beat.lastNumber() > number
        ? gap(offset, number + 1, beat.lastNumber())
        : new Verdict.Alive(this);
  }

  private Verdict acceptNumbered(
      Change change,
      long offset,
      long appendTime,
      OpenScan scanAfter,
      long completedAfter,
      Fault faultAfter) {
    if (!isOf(change)) {
      return rejectedEpoch(change);
    }
    if (fault.kind() == Fault.Kind.GAP) {
      return new Verdict.Rejected(this, "behind a gap");
    }
    if (change.number() <= number) {
      return new Verdict.Repeated(this);
    }
    if (change.number() > number + 1) {
      return gap(offset, number + 1, change.number() - 1);
    }
    return new Verdict.Accepted(
        new Cursor(
            changesTopic,
            partition,
            nextOffset,
            epoch,
            host,
            number + 1,
            sequence + 1,
            offset,
            Math.max(logTimeMillis, appendTime),
            terms,
            tags,
            scanAfter,
            completedAfter,
            faultAfter));
  }

  private boolean isOf(Change change) {
    return hasEpoch()
        && change.epoch() == epoch.offset()
        && change.writer().equals(epoch.writer());
  }

  private Verdict rejectedEpoch(Change change) {
    return new Verdict.Rejected(
        this,
        "epoch %d of writer %s, where epoch %d of writer %s holds"
            .formatted(change.epoch(), change.writer(), epoch.offset(), epoch.writer()));
  }

  private Verdict gap(long offset, long firstMissing, long lastMissing) {
    String detail =
        "numbers %d to %d of epoch %d are missing"
            .formatted(firstMissing, lastMissing, epoch.offset());
    if (fault.needsFullScan()) {
      // The debt of a full scan must outlive the gap; without an epoch nothing is accepted either.
      return new Verdict.Gapped(withoutEpoch());
    }
    Fault newFault = new Fault(Fault.Kind.GAP, sequence, offset, detail);
    return new Verdict.Gapped(withFault(newFault));
  }

  private static void trim(Map<UUID, Long> terms) {
    var oldest = terms.keySet().iterator();
    while (terms.size() > MAX_REMEMBERED) {
      oldest.next();
      oldest.remove();
      oldest = terms.keySet().iterator();
    }
  }

  private Cursor at(long newNextOffset) {
    return new Cursor(
        changesTopic,
        partition,
        newNextOffset,
        epoch,
        host,
        number,
        sequence,
        lastOffset,
        logTimeMillis,
        terms,
        tags,
        openScan,
        scanCompleted,
        fault);
  }

  private Cursor withoutEpoch() {
    return new Cursor(
        changesTopic,
        partition,
        nextOffset,
        NO_EPOCH,
        host,
        0,
        sequence,
        lastOffset,
        logTimeMillis,
        terms,
        tags,
        OpenScan.NONE,
        scanCompleted,
        fault);
  }

  private Cursor withFault(Fault newFault) {
    return new Cursor(
        changesTopic,
        partition,
        nextOffset,
        epoch,
        host,
        number,
        sequence,
        lastOffset,
        logTimeMillis,
        terms,
        tags,
        openScan,
        scanCompleted,
        newFault);
  }
}
