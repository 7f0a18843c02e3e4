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
import dev.tidemark.schemas.cursor.Cursor.EpochEnd;
import dev.tidemark.schemas.cursor.Cursor.OpenScan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The judgement on one record by one cursor. */
final class Acceptance {
  private final Cursor cursor;
  private final Change change;
  private final long offset;
  private final long appendTimeMillis;

  Acceptance(Cursor cursor, Change change, long offset, long appendTimeMillis) {
    this.cursor = cursor;
    this.change = change;
    this.offset = offset;
    this.appendTimeMillis = appendTimeMillis;
  }

  Verdict judge() {
    return switch (change.body()) {
      case EpochStarted started -> begin(started);
      case Tag tag -> judgeTag(tag);
      case Heartbeat beat -> judgeHeartbeat(beat);
      case ScanStarted _,
          ScanCompleted _,
          Change.Put _,
          Change.Remove _,
          Change.Move _,
          Change.Exchange _,
          Change.Keep _ ->
          judgeNumbered();
    };
  }

  private Verdict begin(EpochStarted started) {
    UUID writer = change.writer();
    long lastTerm = cursor.terms().getOrDefault(writer, 0L);
    if (started.term() <= lastTerm) {
      return rejected(
          "term %d of writer %s came after its term %d"
              .formatted(started.term(), writer, lastTerm));
    }
    Draft next = read();
    next.fault = faultAfter(started);
    next.ended = endedNow();
    next.terms = newestTerms(started.term());
    next.withoutEpoch();
    next.epoch = new Epoch(offset, writer);
    next.host = started.host();
    return accepted(next);
  }

  /**
   * What this writer knows of the epoch before decides whether something acknowledged is missing
   * here.
   */
  private Fault faultAfter(EpochStarted started) {
    Fault fault = cursor.fault();
    if (fault.needsFullScan()) {
      return fault;
    }
    boolean isGap = fault.kind() == Fault.Kind.GAP;
    return switch (started.previous()) {
      // A writer that knows nothing cannot say that the gap held nothing acknowledged.
      case Previous.None() -> isGap ? lostTail(fault.detail()) : fault;
      case Previous.Known(Epoch previous) -> {
        if (hasAccepted(previous, started.previousNumber())) {
          yield isGap ? Fault.NONE : fault;
        }
        yield lostTail(
            ("the writer knows number %d of epoch %d acknowledged, this reader has accepted up to"
                    + " number %d of epoch %d")
                .formatted(
                    started.previousNumber(),
                    previous.offset(),
                    cursor.number(),
                    cursor.epoch().offset()));
      }
    };
  }

  private Fault lostTail(String detail) {
    return new Fault(Fault.Kind.LOST_TAIL, cursor.sequence(), offset, detail);
  }

  /**
   * Whether everything up to a number of an epoch was accepted, and nothing of anyone else since. A
   * writer that died before it learned of its own new epoch names the one before; what it never
   * learned of is empty.
   */
  private boolean hasAccepted(Epoch previous, long previousNumber) {
    for (EpochEnd end : endedNow().reversed()) {
      if (end.epoch().equals(previous)) {
        return end.number() >= previousNumber;
      }
      if (!end.epoch().writer().equals(change.writer()) || end.number() > 0) {
        return false;
      }
    }
    return false;
  }

  private List<EpochEnd> endedNow() {
    if (!cursor.hasEpoch()) {
      return cursor.ended();
    }
    List<EpochEnd> ended = new ArrayList<>(cursor.ended());
    ended.add(new EpochEnd(cursor.epoch(), cursor.number()));
    return newest(ended, Cursor.MAX_ENDED);
  }

  private Map<UUID, Long> newestTerms(long term) {
    Map<UUID, Long> terms = new LinkedHashMap<>(cursor.terms());
    terms.remove(change.writer());
    terms.put(change.writer(), term);
    List<UUID> kept = newest(List.copyOf(terms.keySet()), Cursor.MAX_REMEMBERED);
    terms.keySet().retainAll(kept);
    return terms;
  }

  private static <T> List<T> newest(List<T> oldestFirst, int most) {
    return oldestFirst.subList(Math.max(0, oldestFirst.size() - most), oldestFirst.size());
  }

  private Verdict judgeTag(Tag tag) {
    if (cursor.tags().contains(tag.id())) {
      return new Verdict.Repeated(read().build());
    }
    if (!cursor.hasEpoch()) {
      return rejected("a tag where no epoch holds");
    }
    if (isBehindGap()) {
      return rejected("behind a gap");
    }
    List<UUID> tags = new ArrayList<>(cursor.tags());
    tags.add(tag.id());
    Draft next = read();
    next.tags = newest(tags, Cursor.MAX_REMEMBERED);
    return accepted(next);
  }

  private Verdict judgeHeartbeat(Heartbeat beat) {
    if (change.epoch() == Change.NO_EPOCH) {
      return new Verdict.Asked(read().build());
    }
    if (!isOfThisEpoch()) {
      return rejectedEpoch();
    }
    if (isBehindGap()) {
      return rejected("behind a gap");
    }
    // The writer's records keep their order, so what a heartbeat names must already have been read.
    return beat.lastNumber() > cursor.number()
        ? gap(beat.lastNumber())
        : new Verdict.Alive(read().build());
  }

  private Verdict judgeNumbered() {
    if (!isOfThisEpoch()) {
      return rejectedEpoch();
    }
    if (isBehindGap()) {
      return rejected("behind a gap");
    }
    if (change.number() <= cursor.number()) {
      return new Verdict.Repeated(read().build());
    }
    if (change.number() > cursor.number() + 1) {
      return gap(change.number() - 1);
    }
    Draft next = read();
    next.number++;
    if (change.body() instanceof ScanStarted(ScanKind kind)) {
      next.openScan = opened(kind);
    } else if (change.body() instanceof ScanCompleted(ScanKind kind)) {
      next.openScan = OpenScan.NONE;
      next.scanCompleted = cursor.sequence() + 1;
      boolean replacesTree = kind == ScanKind.FULL && cursor.openScan() == OpenScan.FULL;
      next.fault = replacesTree && cursor.fault().needsFullScan() ? Fault.NONE : cursor.fault();
    }
    return accepted(next);
  }

  private static OpenScan opened(ScanKind kind) {
    return switch (kind) {
      case DIFFERENCE -> OpenScan.DIFFERENCE;
      case FULL -> OpenScan.FULL;
    };
  }

  private boolean isOfThisEpoch() {
    Epoch epoch = cursor.epoch();
    return cursor.hasEpoch()
        && change.epoch() == epoch.offset()
        && change.writer().equals(epoch.writer());
  }

  private boolean isBehindGap() {
    return cursor.fault().kind() == Fault.Kind.GAP;
  }

  /** The cursor past this record, which nothing else has happened to yet. */
  private Draft read() {
    Draft next = new Draft(cursor);
    next.nextOffset = offset + 1;
    return next;
  }

  private Verdict accepted(Draft next) {
    return new Verdict.Accepted(next.counted(offset, appendTimeMillis).build());
  }

  private Verdict rejected(String reason) {
    return new Verdict.Rejected(read().build(), reason);
  }

  private Verdict rejectedEpoch() {
    Epoch epoch = cursor.epoch();
    return rejected(
        cursor.hasEpoch()
            ? "epoch %d of writer %s, where epoch %d of writer %s holds"
                .formatted(change.epoch(), change.writer(), epoch.offset(), epoch.writer())
            : "epoch %d of writer %s, where no epoch holds"
                .formatted(change.epoch(), change.writer()));
  }

  private Verdict gap(long lastMissing) {
    Draft next = read();
    if (cursor.fault().needsFullScan()) {
      // The debt of a full scan must outlive the gap; without an epoch nothing is accepted either.
      next.ended = endedNow();
      next.withoutEpoch();
    } else {
      next.fault =
          new Fault(
              Fault.Kind.GAP,
              cursor.sequence(),
              offset,
              "numbers %d to %d of epoch %d are missing"
                  .formatted(cursor.number() + 1, lastMissing, cursor.epoch().offset()));
    }
    return new Verdict.Gapped(next.build());
  }
}
