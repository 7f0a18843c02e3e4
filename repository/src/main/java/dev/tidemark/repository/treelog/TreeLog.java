package dev.tidemark.repository.treelog;

import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.ContentHash;
import dev.tidemark.repository.blob.DurablePut;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Cursor;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sealed changes of one tree.
 *
 * <p>Appends go through one instance at a time, which remembers where it stands; another owner's
 * appends beside it are found by readers, which compare segments that overlap. Thread-safe.
 */
public final class TreeLog {
  private static final Logger log = LoggerFactory.getLogger(TreeLog.class);

  private final BlobStore store;
  private final TreeName tree;

  /**
   * Last sequence that this instance knows sealed without a look at the store; −1 if it has not
   * looked. Guarded by this.
   */
  private long knownEnd = -1;

  public TreeLog(BlobStore store, TreeName tree) {
    this.store = store;
    this.tree = tree;
  }

  public TreeName tree() {
    return tree;
  }

  /**
   * Seals changes as one segment, durable on return. Sealing again what is sealed is harmless.
   *
   * @param changes of this tree, in order, without a hole, the first following what is sealed or
   *     overlapping it
   * @param resume where a reader goes on after the last of them
   * @throws LogDisagreementException if other changes were sealed under these sequences; nothing is
   *     put
   * @throws LogHoleException if the changes before the first are not sealed; nothing is put
   */
  public synchronized LogSegment append(List<SealedChange> changes, Cursor resume)
      throws IOException {
    requireInOrder(changes, resume);
    long first = changes.getFirst().sequence();
    long last = changes.getLast().sequence();
    if (knownEnd < 0 || first != knownEnd + 1) {
      compareWithSealed(changes);
    }
    byte[] encoded = Segment.encode(changes, resume);
    SegmentName name = new SegmentName(tree, first, last, ContentHash.compute(encoded));
    // Until the put is known to be durable, the next append must look at the store again.
    knownEnd = -1;
    DurablePut.put(store, name.blobName(), encoded);
    knownEnd = last;
    log.atDebug()
        .addKeyValue("tree", tree)
        .addKeyValue("first", first)
        .addKeyValue("last", last)
        .addKeyValue("bytes", encoded.length)
        .log("changes sealed");
    return new LogSegment(name, encoded.length);
  }

  private void requireInOrder(List<SealedChange> changes, Cursor resume) {
    if (changes.isEmpty()) {
      throw new IllegalArgumentException("no changes to seal for tree " + tree);
    }
    long previous = changes.getFirst().sequence() - 1;
    for (SealedChange change : changes) {
      if (!change.change().tree().equals(tree)
          || change.sequence() < 1
          || !Sequences.follows(previous, change.sequence())) {
        throw new IllegalArgumentException(
            "change %d of tree %s behind change %d of tree %s"
                .formatted(change.sequence(), change.change().tree(), previous, tree));
      }
      previous = change.sequence();
    }
    if (resume.sequence() != previous) {
      throw new IllegalArgumentException(
          "resume point of tree %s at change %d, the last to seal is %d"
              .formatted(tree, resume.sequence(), previous));
    }
  }

  private void compareWithSealed(List<SealedChange> changes) throws IOException {
    long first = changes.getFirst().sequence();
    List<LogSegment> sealed = segments(0);
    long end = sealed.stream().mapToLong(LogSegment::last).max().orElse(0);
    if (first > end && !Sequences.follows(end, first)) {
      throw new LogHoleException(tree, store.location().toString(), end + 1, first);
    }
    Map<Long, SealedChange> wanted = new HashMap<>();
    changes.forEach(change -> wanted.put(change.sequence(), change));
    long last = changes.getLast().sequence();
    for (LogSegment segment : sealed) {
      if (segment.last() < first || segment.first() > last) {
        continue;
      }
      Segment opened = Segment.open(store, segment.name());
      for (var there = opened.next(); there.isPresent(); there = opened.next()) {
        SealedChange ours = wanted.get(there.get().sequence());
        if (ours != null && !ours.origin().equals(there.get().origin())) {
          throw new LogDisagreementException(opened.place(), there.get(), "the Kafka log", ours);
        }
      }
    }
  }

  /**
   * Segments that hold any change from {@code fromSequence} on, by first, then last sequence. Lists
   * the store.
   */
  public List<LogSegment> segments(long fromSequence) throws IOException {
    List<LogSegment> segments = new ArrayList<>();
    store.list(
        SegmentName.folder(tree),
        status ->
            SegmentName.find(tree, status.name())
                .filter(name -> name.last() >= fromSequence)
                .ifPresent(name -> segments.add(new LogSegment(name, status.bytes()))));
    segments.sort(null);
    return List.copyOf(segments);
  }

  /** Where a reader goes on after the last sealed change; empty if nothing is sealed. */
  public Optional<Cursor> resumePoint() throws IOException {
    List<LogSegment> sealed = segments(0);
    long end = sealed.stream().mapToLong(LogSegment::last).max().orElse(0);
    Cursor newest = null;
    for (LogSegment segment : sealed) {
      if (segment.last() == end) {
        Cursor cursor = Segment.open(store, segment.name()).cursor();
        if (newest == null || newest.nextOffset() < cursor.nextOffset()) {
          newest = cursor;
        }
      }
    }
    return Optional.ofNullable(newest);
  }

  /** Where a reader goes on after the last change of one segment. */
  public Cursor resumePoint(LogSegment segment) throws IOException {
    return Segment.open(store, segment.name()).cursor();
  }

  /**
   * The changes after {@code afterSequence} through {@code throughSequence}, or to the end of what
   * is sealed. Segments are read when the stream reaches them.
   */
  public SealedChangeStream read(long afterSequence, long throughSequence) throws IOException {
    Deque<LogSegment> segments = new ArrayDeque<>(segments(afterSequence + 1));
    return new MergingStream(store, segments, afterSequence, throughSequence);
  }

  /**
   * The changes of one segment alone, for checks: neither holes nor other segments are looked at.
   */
  public SealedChangeStream read(LogSegment segment) throws IOException {
    Segment opened = Segment.open(store, segment.name());
    return new SealedChangeStream() {
      @Override
      public Optional<SealedChange> next() throws IOException {
        return opened.next();
      }

      @Override
      public void close() {}
    };
  }

  /** The first change that is sealed here. */
  public Optional<SealedChange> first() throws IOException {
    List<LogSegment> sealed = segments(0);
    return sealed.isEmpty()
        ? Optional.empty()
        : Segment.open(store, sealed.getFirst().name()).next();
  }

  /**
   * The last change whose effective log time is not after {@code logTimeMillis}; empty if all
   * sealed ones are. Reads a number of segments that grows with the logarithm of their count.
   */
  public OptionalLong lastSequenceAt(long logTimeMillis) throws IOException {
    List<LogSegment> byLast =
        segments(0).stream().sorted(Comparator.comparingLong(LogSegment::last)).toList();
    int low = 0;
    int high = byLast.size();
    // Effective log time never falls from one sequence to the next.
    while (low < high) {
      int middle = (low + high) >>> 1;
      Segment segment = Segment.open(store, byLast.get(middle).name());
      if (segment.lastLogTimeMillis() <= logTimeMillis) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    long sequence = low == 0 ? 0 : byLast.get(low - 1).last();
    if (low < byLast.size()) {
      Segment segment = Segment.open(store, byLast.get(low).name());
      for (var change = segment.next();
          change.isPresent() && change.get().logTimeMillis() <= logTimeMillis;
          change = segment.next()) {
        sequence = Math.max(sequence, change.get().sequence());
      }
    }
    return sequence == 0 ? OptionalLong.empty() : OptionalLong.of(sequence);
  }
}
