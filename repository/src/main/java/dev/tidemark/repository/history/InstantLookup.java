package dev.tidemark.repository.history;

import dev.tidemark.repository.treelog.Gaps;
import dev.tidemark.repository.treelog.LogListing;
import dev.tidemark.repository.treelog.TreeLog;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.cursor.Cursor;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Which change was the last one at a time, in the log and among the snapshots. */
final class InstantLookup {
  private final TreeLog log;
  private final LogListing listing;
  private final ListedSnapshots snapshots;

  InstantLookup(TreeLog log, LogListing listing, ListedSnapshots snapshots) {
    this.log = log;
    this.listing = listing;
    this.snapshots = snapshots;
  }

  /**
   * The last change at a time.
   *
   * @param end the newest that is sealed
   */
  long sequenceAt(long logTimeMillis, Cursor end) throws IOException {
    if (logTimeMillis >= end.logTimeMillis()) {
      return end.sequence();
    }
    long inLog = log.lastSequenceAt(listing, logTimeMillis).orElse(0);
    long sequence = lastAloneAt(logTimeMillis, inLog);
    if (sequence == 0) {
      throw new NoSuchInstantException(
          "Tree %s was not recorded yet at %s. Its first recorded instant is %s."
              .formatted(log.tree(), Instant.ofEpochMilli(logTimeMillis), firstInstant()));
    }
    return sequence;
  }

  /**
   * Of the snapshots behind a change whose own change is not in the log any more, the last one at a
   * time. Those of changes that are in the log were found there, if they are early enough.
   */
  private long lastAloneAt(long logTimeMillis, long sequence) throws IOException {
    Gaps removed = listing.removed();
    List<Long> alone =
        snapshots.sequences().stream()
            .filter(candidate -> candidate > sequence)
            .filter(candidate -> removed.contains(candidate) || !isInSegment(candidate))
            .toList();
    int low = 0;
    int high = alone.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (snapshots.read(alone.get(middle)).logTimeMillis() <= logTimeMillis) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low == 0 ? sequence : alone.get(low - 1);
  }

  private boolean isInSegment(long sequence) {
    return listing.segments().stream()
        .anyMatch(segment -> segment.first() <= sequence && sequence <= segment.last());
  }

  /** The effective log time of the first change or snapshot that is kept. */
  Instant firstInstant() throws IOException {
    Optional<SealedChange> first = log.first(listing);
    long millis = first.map(SealedChange::logTimeMillis).orElse(Long.MAX_VALUE);
    List<Long> sequences = snapshots.sequences();
    if (!sequences.isEmpty()) {
      millis = Math.min(millis, snapshots.read(sequences.getFirst()).logTimeMillis());
    }
    return Instant.ofEpochMilli(millis);
  }
}
