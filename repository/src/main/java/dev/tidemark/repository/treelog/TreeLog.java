package dev.tidemark.repository.treelog;

import dev.tidemark.repository.blob.BlobMissingException;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.ContentHash;
import dev.tidemark.repository.blob.DurablePut;
import dev.tidemark.repository.treelog.MergingStream.AtGap;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Cursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
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

  /** How often a folder that changes while it is read is listed again. */
  private static final int LISTINGS = 4;

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

  /**
   * Seals again, durable on return, changes that were sealed and whose segment is lost. The caller
   * knows them to be the same; a damaged segment of the same bytes is replaced, others stay.
   *
   * @param changes as in {@link #append}
   * @param resume where a reader goes on after the last of them
   */
  public LogSegment restore(List<SealedChange> changes, Cursor resume) throws IOException {
    requireInOrder(changes, resume);
    byte[] encoded = Segment.encode(changes, resume);
    SegmentName name =
        new SegmentName(
            tree,
            changes.getFirst().sequence(),
            changes.getLast().sequence(),
            ContentHash.compute(encoded));
    if (DurablePut.put(store, name.blobName(), encoded) == DurablePut.Result.ALREADY_PRESENT
        && !Arrays.equals(store.get(name.blobName()), encoded)) {
      store.replace(name.blobName(), ByteBuffer.wrap(encoded));
    }
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
    List<LogSegment> sealed = list().kept(0);
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
   * Segments that hold any change from {@code fromSequence} on that is not gone, but for those that
   * were merged into others, by first, then last sequence. Lists the store.
   */
  public List<LogSegment> segments(long fromSequence) throws IOException {
    return needed(fromSequence, Long.MAX_VALUE).segments();
  }

  /**
   * The same of what was listed.
   *
   * @throws BlobMissingException if the folder has changed since: list it again
   */
  public List<LogSegment> segments(LogListing listing, long fromSequence) throws IOException {
    return listing.needed(store, fromSequence, Long.MAX_VALUE);
  }

  /**
   * @param segments what has to be read
   * @param removed what is gone
   */
  private record Needed(List<LogSegment> segments, Gaps removed) {}

  private Needed needed(long from, long through) throws IOException {
    for (int attempt = 1; ; attempt++) {
      LogListing listing = list();
      try {
        return new Needed(listing.needed(store, from, through), listing.removed());
      } catch (BlobMissingException mergedMeanwhile) {
        if (attempt == LISTINGS) {
          throw mergedMeanwhile;
        }
      }
    }
  }

  /** Everything that lies in the log's folder, from one listing of the store. */
  public LogListing list() throws IOException {
    List<LogSegment> segments = new ArrayList<>();
    List<Gap> gaps = new ArrayList<>();
    List<MergeMark> marks = new ArrayList<>();
    long[] newest = {0};
    store.list(
        SegmentName.folder(tree),
        status -> {
          newest[0] = Math.max(newest[0], status.modifiedMillis());
          SegmentName.find(tree, status.name())
              .ifPresent(name -> segments.add(new LogSegment(name, status.bytes())));
          Gap.find(tree, status.name(), status.modifiedMillis()).ifPresent(gaps::add);
          MergeMark.find(tree, status.name(), status.modifiedMillis()).ifPresent(marks::add);
        });
    return new LogListing(segments, gaps, marks, newest[0]);
  }

  /**
   * Takes changes out of the log: durable on return, and true for every reader that begins then.
   * Segments stay until they are deleted.
   */
  public void addGap(long first, long last) throws IOException {
    DurablePut.put(store, Gap.blobName(tree, first, last), new byte[0]);
  }

  /** Takes back a gap whose segments are all still there, or which another one covers. */
  public void removeGap(Gap gap) throws IOException {
    store.delete(gap.blobName());
  }

  /** Deletes a segment all of whose changes are gone. */
  public void delete(LogSegment segment) throws IOException {
    store.delete(segment.name().blobName());
  }

  /** Where a reader goes on after the last sealed change; empty if nothing is sealed. */
  public Optional<Cursor> resumePoint() throws IOException {
    return resumePoint(list());
  }

  /** The same of what was listed. */
  public Optional<Cursor> resumePoint(LogListing listing) throws IOException {
    List<LogSegment> sealed = listing.kept(0);
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
   * is sealed. Segments are read when the stream reaches them. Where changes between are gone the
   * stream ends in a {@link LogHoleException}.
   */
  public SealedChangeStream read(long afterSequence, long throughSequence) throws IOException {
    return read(AtGap.FAIL, afterSequence, throughSequence);
  }

  /**
   * The same of what was listed.
   *
   * @throws BlobMissingException if the folder has changed since: list it again
   */
  public SealedChangeStream read(LogListing listing, long afterSequence, long throughSequence)
      throws IOException {
    return new MergingStream(
        store,
        new ArrayDeque<>(listing.needed(store, afterSequence + 1, throughSequence)),
        listing.removed(),
        AtGap.FAIL,
        afterSequence,
        throughSequence);
  }

  /** All changes that are not gone. */
  public SealedChangeStream readKept() throws IOException {
    return read(AtGap.PASS, 0, Long.MAX_VALUE);
  }

  /**
   * The same of what was listed.
   *
   * @throws BlobMissingException if the folder has changed since: list it again
   */
  public SealedChangeStream readKept(LogListing listing) throws IOException {
    return new MergingStream(
        store,
        new ArrayDeque<>(listing.needed(store, 1, Long.MAX_VALUE)),
        listing.removed(),
        AtGap.PASS,
        0,
        Long.MAX_VALUE);
  }

  private SealedChangeStream read(AtGap atGap, long after, long through) throws IOException {
    Needed needed = needed(after + 1, through);
    Deque<LogSegment> segments = new ArrayDeque<>(needed.segments());
    return new MergingStream(store, segments, needed.removed(), atGap, after, through);
  }

  /**
   * All changes that are not gone, for checks: those of segments that were merged into others are
   * compared as well.
   */
  public SealedChangeStream readAndCompareAll() throws IOException {
    LogListing listing = list();
    Deque<LogSegment> segments = new ArrayDeque<>(listing.kept(0));
    return new MergingStream(store, segments, listing.removed(), AtGap.PASS, 0, Long.MAX_VALUE);
  }

  /**
   * The changes of one segment alone, those that are gone included, for checks: neither holes nor
   * other segments are looked at.
   */
  public SealedChangeStream read(LogSegment segment) throws IOException {
    return Segment.open(store, segment.name()).asStream();
  }

  /** The first change that is sealed here and not gone. */
  public Optional<SealedChange> first() throws IOException {
    return first(list());
  }

  /** The same of what was listed. Reads no more segments than hold it. */
  public Optional<SealedChange> first(LogListing listing) throws IOException {
    Deque<LogSegment> kept = new ArrayDeque<>(listing.kept(0));
    try (SealedChangeStream changes =
        new MergingStream(store, kept, listing.removed(), AtGap.PASS, 0, Long.MAX_VALUE)) {
      return changes.next();
    }
  }

  /**
   * The last change whose effective log time is not after {@code logTimeMillis}; empty if all
   * sealed ones are. Reads the beginnings of a number of segments that grows with the logarithm of
   * their count, and one or two whole.
   */
  public OptionalLong lastSequenceAt(long logTimeMillis) throws IOException {
    return lastSequenceAt(list(), logTimeMillis);
  }

  /** The same of what was listed. */
  public OptionalLong lastSequenceAt(LogListing listing, long logTimeMillis) throws IOException {
    return new InstantSearch(store, listing).lastSequenceAt(logTimeMillis);
  }
}
