package dev.tidemark.repository.treelog;

import dev.tidemark.repository.blob.BlobMissingException;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.ContentHash;
import dev.tidemark.repository.blob.CorruptBlobException;
import dev.tidemark.repository.blob.DurablePut;
import dev.tidemark.repository.blob.Grace;
import dev.tidemark.repository.treelog.MergePlan.Item;
import dev.tidemark.repository.treelog.MergingStream.AtGap;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Cursor.OpenScan;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes few segments of many small ones. A run goes in steps, each of which may be the last before
 * a crash:
 *
 * <ol>
 *   <li>the folder is listed;
 *   <li>segments that a mark of a grace ago names are deleted, then the mark, and marks that say no
 *       more than others;
 *   <li>neighbours are read, and compared where they overlap, and put as one segment;
 *   <li>a mark says which they were: from now on readers leave them out.
 * </ol>
 *
 * Who may not delete does without the second step, and clean-up does it.
 *
 * <p>A reader that has listed the folder before finds all it listed for a grace. Runs of several
 * processes may overlap: what one deletes lies in a segment that no other deletes but for the sake
 * of one that holds it. Sequences, origins and instants stay as they are. For one thread; in memory
 * is one merged segment.
 */
public final class LogCompaction {
  private static final Logger log = LoggerFactory.getLogger(LogCompaction.class);

  /** Ends a run that others keep busy; the next one goes on. */
  private static final int MAX_ROUNDS = 8;

  private final BlobStore store;
  private final TreeLog treeLog;
  private final TreeName tree;
  private final int fan;

  /** With the usual number of neighbours that become one. */
  public LogCompaction(BlobStore store, TreeLog treeLog) {
    this(store, treeLog, MergePlan.FAN);
  }

  /**
   * @param fan how many neighbours of about the same size become one, at least 2
   */
  public LogCompaction(BlobStore store, TreeLog treeLog, int fan) {
    this.store = store;
    this.fan = fan;
    this.treeLog = treeLog;
    this.tree = treeLog.tree();
  }

  /**
   * What a run did.
   *
   * @param made segments that hold what others held
   * @param merged segments that need to be read no more
   * @param deleted segments of before
   */
  public record Report(int made, int merged, int deleted) {
    private Report plus(Report other) {
      return new Report(made + other.made, merged + other.merged, deleted + other.deleted);
    }
  }

  /**
   * Deletes what was merged a grace ago.
   *
   * @param nowMillis by the store's clock
   * @return how many segments were deleted
   */
  public int forget(long nowMillis) throws IOException {
    Round round = new Round(treeLog.list());
    round.readMarks();
    round.forget(nowMillis);
    return round.deleted.size();
  }

  /**
   * One run. What is damaged, or in dispute, is left as it is, and what may not be deleted stays.
   *
   * @throws IOException if the store could not be read or written
   */
  public Report run() throws IOException {
    long start = System.nanoTime();
    Report total = new Report(0, 0, 0);
    for (int round = 0; round < MAX_ROUNDS; round++) {
      Round one = new Round(treeLog.list());
      one.readMarks();
      if (round == 0) {
        one.forgetIfAllowed();
      }
      Report done = one.run();
      total = total.plus(done);
      if (done.merged() == 0) {
        break;
      }
    }
    if (total.merged() + total.deleted() > 0) {
      log.atInfo()
          .addKeyValue("tree", tree)
          .addKeyValue("made", total.made())
          .addKeyValue("merged", total.merged())
          .addKeyValue("deleted", total.deleted())
          .addKeyValue("millis", (System.nanoTime() - start) / 1_000_000)
          .log("log segments merged");
    }
    return total;
  }

  /** What is done on one listing. */
  private final class Round {
    private final LogListing listing;
    private final Map<MergeMark, MergeMark.Merge> marks = new HashMap<>();
    private final Set<ContentHash> merged = new HashSet<>();
    private final List<MergeMark> useless = new ArrayList<>();
    private final Set<ContentHash> deleted = new HashSet<>();
    private int made;
    private int newlyMerged;

    Round(LogListing listing) {
      this.listing = listing;
    }

    /** Merges what is to be merged by now. */
    Report run() throws IOException {
      List<LogSegment> needed =
          listing.segments().stream()
              .filter(segment -> !deleted.contains(segment.name().hash()))
              .filter(segment -> !merged.contains(segment.name().hash()))
              .toList();
      for (List<Item> group : new MergePlan(needed, listing.removed(), fan).groups()) {
        try {
          merge(group);
        } catch (CorruptBlobException | LogDisagreementException | BlobMissingException e) {
          log.atWarn()
              .addKeyValue("tree", tree)
              .addKeyValue("first", group.getFirst().first())
              .addKeyValue("last", group.getLast().last())
              .setCause(e)
              .log("log segments cannot be merged; `tidemark verify` tells what is damaged");
        }
      }
      return new Report(made, newlyMerged, deleted.size());
    }

    private void readMarks() throws IOException {
      Set<ContentHash> there = listing.hashes();
      for (MergeMark mark : listing.marks()) {
        try {
          MergeMark.Merge merge = mark.read(store);
          if (there.contains(merge.into())) {
            marks.put(mark, merge);
            merged.addAll(merge.from());
          } else {
            // Merged further meanwhile, or gone from the history: it means nothing any more.
            useless.add(mark);
          }
        } catch (BlobMissingException doneMeanwhile) {
          log.atDebug().addKeyValue("blob", mark.blobName()).log("mark went while it was read");
        } catch (CorruptBlobException e) {
          log.atWarn().setCause(e).log("list of merged segments is damaged, they are merged again");
          useless.add(mark);
        }
      }
    }

    private void forgetIfAllowed() {
      try {
        forget(listing.newestMillis());
      } catch (IOException e) {
        log.atInfo()
            .addKeyValue("tree", tree)
            .setCause(e)
            .log("merged log segments are not deleted now; clean-up deletes them");
      }
    }

    private void forget(long nowMillis) throws IOException {
      for (MergeMark mark : useless) {
        store.delete(mark.blobName());
      }
      for (MergeMark mark : listing.marks()) {
        MergeMark.Merge merge = marks.get(mark);
        if (merge != null && isSaidBy(marks, mark, merge)) {
          store.delete(mark.blobName());
          marks.remove(mark);
        }
      }
      long before = nowMillis - Grace.DEFAULT.toMillis();
      for (MergeMark mark : listing.marks()) {
        MergeMark.Merge merge = marks.get(mark);
        if (merge == null || mark.sinceMillis() > before) {
          continue;
        }
        Optional<LogSegment> into =
            listing.segments().stream()
                .filter(segment -> segment.name().hash().equals(merge.into()))
                .filter(segment -> !deleted.contains(segment.name().hash()))
                .findFirst();
        if (into.isEmpty() || !isWhole(into.get())) {
          continue;
        }
        List<LogSegment> from =
            listing.segments().stream()
                .filter(segment -> merge.from().contains(segment.name().hash()))
                .filter(segment -> isWithin(segment, into.get()))
                .toList();
        store.deleteAll(from.stream().map(segment -> segment.name().blobName()).toList());
        from.forEach(segment -> deleted.add(segment.name().hash()));
        store.delete(mark.blobName());
      }
    }

    /** A later mark names what this one does, and the segment that this one is about. */
    private static boolean isSaidBy(
        Map<MergeMark, MergeMark.Merge> marks, MergeMark mark, MergeMark.Merge merge) {
      return marks.entrySet().stream()
          .filter(other -> !other.getKey().equals(mark))
          .map(Map.Entry::getValue)
          .anyMatch(
              other ->
                  (other.from().contains(merge.into()) || other.into().equals(merge.into()))
                      && other.from().containsAll(merge.from()));
    }

    /** The last look at what is going to be the only copy. */
    private boolean isWhole(LogSegment segment) throws IOException {
      try {
        Segment opened = Segment.open(store, segment.name());
        while (opened.next().isPresent()) {
          // Only that it can be read to its end is of interest.
        }
        return true;
      } catch (CorruptBlobException | BlobMissingException e) {
        log.atWarn().setCause(e).log("merged log segment is not whole, what it was made of stays");
        return false;
      }
    }

    private void merge(List<Item> group) throws IOException {
      List<Item> part = new ArrayList<>();
      List<SealedChange> changes = new ArrayList<>();
      Optional<Cursor> end = Optional.empty();
      for (Item item : group) {
        Source source = Source.open(store, item);
        Cursor after = source.end();
        // A reader that must begin before a full scan needs the resume point before it.
        boolean beginsFullScan =
            after.openScan() == OpenScan.FULL
                && end.filter(cursor -> cursor.openScan() != OpenScan.FULL).isPresent();
        if (beginsFullScan && end.isPresent()) {
          put(part, changes, end.get());
          part.clear();
          changes.clear();
        }
        source.addTo(changes);
        part.add(item);
        end = Optional.of(after);
      }
      if (end.isPresent()) {
        put(part, changes, end.get());
      }
    }

    private void put(List<Item> part, List<SealedChange> changes, Cursor end) throws IOException {
      List<LogSegment> members = part.stream().flatMap(i -> i.members().stream()).toList();
      if (members.size() < 2) {
        return;
      }
      long first = part.getFirst().first();
      long last = part.getLast().last();
      Optional<LogSegment> whole =
          members.stream().filter(s -> s.first() == first && s.last() == last).findFirst();
      SegmentName into;
      if (whole.isPresent()) {
        into = whole.get().name();
      } else {
        byte[] encoded = Segment.encode(changes, end);
        into = new SegmentName(tree, first, last, ContentHash.compute(encoded));
        DurablePut.put(store, into.blobName(), encoded);
        made++;
      }
      mark(into, members);
    }

    private void mark(SegmentName into, List<LogSegment> members) throws IOException {
      Set<ContentHash> from = new TreeSet<>();
      members.forEach(segment -> from.add(segment.name().hash()));
      newlyMerged += from.size() - (from.contains(into.hash()) ? 1 : 0);
      Set<ContentHash> before = new HashSet<>();
      for (MergeMark.Merge known : marks.values()) {
        if (from.contains(known.into())) {
          before.addAll(known.from());
        }
      }
      from.addAll(stillThere(before));
      from.remove(into.hash());
      byte[] encoded = new MergeMark.Merge(into.hash(), from).encode();
      ContentHash hash = ContentHash.compute(encoded);
      DurablePut.put(store, MergeMark.blobName(tree, into.first(), into.last(), hash), encoded);
    }

    private Set<ContentHash> stillThere(Set<ContentHash> wanted) {
      Set<ContentHash> there = listing.hashes();
      there.retainAll(wanted);
      there.removeAll(deleted);
      return there;
    }
  }

  /** What is to be merged, read once. */
  private record Source(SealedChangeStream changes, Cursor end) {
    static Source open(BlobStore store, Item item) throws IOException {
      Cursor end = null;
      for (LogSegment segment : item.members()) {
        if (segment.last() == item.last()) {
          Segment opened = Segment.open(store, segment.name());
          if (item.members().size() == 1) {
            return new Source(opened.asStream(), opened.cursor());
          }
          Cursor cursor = opened.cursor();
          end = end == null || end.nextOffset() < cursor.nextOffset() ? cursor : end;
        }
      }
      if (end == null) {
        throw new IllegalStateException("no segment of %s ends it".formatted(item));
      }
      return new Source(
          new MergingStream(
              store,
              new ArrayDeque<>(item.members()),
              Gaps.NONE,
              AtGap.FAIL,
              item.first() - 1,
              item.last()),
          end);
    }

    void addTo(List<SealedChange> into) throws IOException {
      try (changes) {
        for (var next = changes.next(); next.isPresent(); next = changes.next()) {
          into.add(next.get());
        }
      }
    }
  }

  private static boolean isWithin(LogSegment segment, LogSegment other) {
    return other.first() <= segment.first() && segment.last() <= other.last();
  }

  /** By first sequence, the longer one first. */
  static final Comparator<LogSegment> BY_FIRST =
      Comparator.comparingLong(LogSegment::first)
          .thenComparing(Comparator.comparingLong(LogSegment::last).reversed());
}
