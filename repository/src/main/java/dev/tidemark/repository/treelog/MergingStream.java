package dev.tidemark.repository.treelog;

import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.schemas.change.SealedChange;
import java.io.IOException;
import java.util.Comparator;
import java.util.Deque;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * Takes each sequence once from segments that may overlap. Holds in memory only the segments that
 * hold the next sequence.
 *
 * <p>A hole is decided when the next change is known: a jump is right only to the first change of a
 * later incarnation.
 */
final class MergingStream implements SealedChangeStream {
  private final BlobStore store;

  /** Not opened yet, by first sequence. */
  private final Deque<LogSegment> waiting;

  private final PriorityQueue<Open> open =
      new PriorityQueue<>(Comparator.comparingLong(o -> o.head.sequence()));
  private final long through;
  private final Gaps gaps;
  private final AtGap atGap;
  private long previous;

  /** What a stream does where retention has taken changes out. */
  enum AtGap {
    /** Ends in an exception: what stands behind a gap cannot be applied to what stands before. */
    FAIL,
    /** Goes on behind it. */
    PASS
  }

  private static final class Open {
    private final Segment segment;
    private SealedChange head;

    Open(Segment segment, SealedChange head) {
      this.segment = segment;
      this.head = head;
    }
  }

  /**
   * @param waiting the segments that hold anything after {@code after}, sorted
   */
  MergingStream(
      BlobStore store,
      Deque<LogSegment> waiting,
      Gaps gaps,
      AtGap atGap,
      long after,
      long through) {
    this.store = store;
    this.waiting = waiting;
    this.gaps = gaps;
    this.atGap = atGap;
    this.previous = after;
    this.through = through;
  }

  @Override
  public Optional<SealedChange> next() throws IOException {
    openThrough(previous + 1);
    // A segment may hold nothing but what is gone.
    while (open.isEmpty() && !waiting.isEmpty() && waiting.getFirst().first() <= through) {
      openThrough(waiting.getFirst().first());
    }
    if (open.isEmpty()) {
      return Optional.empty();
    }
    Open first = open.remove();
    SealedChange change = first.head;
    if (change.sequence() > through) {
      open.add(first);
      return Optional.empty();
    }
    if (!follows(change.sequence())) {
      String folder = store.location() + " in " + SegmentName.folder(change.change().tree());
      throw new LogHoleException(change.change().tree(), folder, previous + 1, change.sequence());
    }
    compareOthers(first);
    advance(first, change.sequence());
    previous = change.sequence();
    return Optional.of(change);
  }

  private boolean follows(long sequence) {
    return switch (atGap) {
      case FAIL -> Sequences.follows(previous, sequence) && !gaps.meets(previous + 1, sequence - 1);
      case PASS -> Sequences.follows(gaps.passFrom(previous), sequence);
    };
  }

  private void openThrough(long sequence) throws IOException {
    while (!waiting.isEmpty() && waiting.getFirst().first() <= Math.min(sequence, through)) {
      Segment segment = Segment.open(store, waiting.removeFirst().name());
      Optional<SealedChange> head = segment.next();
      if (head.isPresent()) {
        advance(new Open(segment, head.get()), previous);
      }
    }
  }

  /** Puts a segment back at its first change after {@code sequence}, or lets it go at its end. */
  private void advance(Open segment, long sequence) throws IOException {
    while (segment.head.sequence() <= sequence || gaps.contains(segment.head.sequence())) {
      Optional<SealedChange> head = segment.segment.next();
      if (head.isEmpty()) {
        return;
      }
      segment.head = head.get();
    }
    open.add(segment);
  }

  private void compareOthers(Open first) throws IOException {
    long sequence = first.head.sequence();
    while (!open.isEmpty() && open.peek().head.sequence() == sequence) {
      Open other = open.remove();
      if (!other.head.origin().equals(first.head.origin())) {
        throw new LogDisagreementException(
            first.segment.place(), first.head, other.segment.place(), other.head);
      }
      advance(other, sequence);
    }
  }

  @Override
  public void close() {
    open.clear();
    waiting.clear();
  }
}
