package dev.tidemark.repository.treelog;

import dev.tidemark.repository.blob.BlobStore;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Finds the last change at or before a time. Effective log time never falls from one sequence to
 * the next, so that segments by their last sequence are in the order of their times, too.
 *
 * <p>The search goes by what the beginnings of segments claim. The segment it ends at is read whole
 * and proved, and where it does not prove the answer by itself so is the one before; if they
 * contradict a claim, the search is made again by what is proved.
 */
final class InstantSearch {
  private final BlobStore store;
  private final Gaps gaps;
  private final List<LogSegment> byLast;

  InstantSearch(BlobStore store, LogListing listing) {
    this.store = store;
    this.gaps = listing.removed();
    this.byLast =
        listing.kept(0).stream().sorted(Comparator.comparingLong(LogSegment::last)).toList();
  }

  private interface LastLogTime {
    long of(LogSegment segment) throws IOException;
  }

  OptionalLong lastSequenceAt(long logTimeMillis) throws IOException {
    int place = search(logTimeMillis, segment -> Segment.claimedLastLogTime(store, segment));
    Optional<Segment> found = open(place);
    if (!isProved(place, found, logTimeMillis)) {
      place = search(logTimeMillis, this::lastLogTime);
      found = open(place);
    }
    long sequence = 0;
    for (LogSegment earlier : byLast.subList(0, place).reversed()) {
      if (earlier.last() <= sequence) {
        break;
      }
      sequence =
          Math.max(sequence, gaps.lastKept(earlier.first(), earlier.last()).orElse(sequence));
    }
    if (found.isPresent()) {
      Segment segment = found.get();
      for (var change = segment.next();
          change.isPresent() && change.get().logTimeMillis() <= logTimeMillis;
          change = segment.next()) {
        long candidate = change.get().sequence();
        sequence = gaps.contains(candidate) ? sequence : Math.max(sequence, candidate);
      }
    }
    return sequence == 0 ? OptionalLong.empty() : OptionalLong.of(sequence);
  }

  /** The place of the first segment that ends after the time. */
  private int search(long logTimeMillis, LastLogTime lastLogTime) throws IOException {
    int low = 0;
    int high = byLast.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (lastLogTime.of(byLast.get(middle)) <= logTimeMillis) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private Optional<Segment> open(int place) throws IOException {
    return place == byLast.size()
        ? Optional.empty()
        : Optional.of(Segment.open(store, byLast.get(place).name()));
  }

  private boolean isProved(int place, Optional<Segment> found, long logTimeMillis)
      throws IOException {
    if (found.isPresent()) {
      if (found.get().lastLogTimeMillis() <= logTimeMillis) {
        return false;
      }
      if (found.get().firstLogTimeMillis() <= logTimeMillis) {
        return true;
      }
    }
    return place == 0 || lastLogTime(byLast.get(place - 1)) <= logTimeMillis;
  }

  private long lastLogTime(LogSegment segment) throws IOException {
    return Segment.open(store, segment.name()).lastLogTimeMillis();
  }
}
