package dev.tidemark.repository.treelog;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.ContentHash;
import dev.tidemark.repository.blob.CorruptBlobException;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What lies in a log's folder.
 *
 * @param segments all that are there, by first, then last sequence
 * @param gaps by first, then last sequence; they may overlap
 * @param marks what was merged into what, oldest first
 * @param newestMillis when the newest of all these blobs was put, by the store's clock, which is
 *     not behind that now; 0 if there are none
 */
public record LogListing(
    List<LogSegment> segments, List<Gap> gaps, List<MergeMark> marks, long newestMillis) {
  private static final Logger log = LoggerFactory.getLogger(LogListing.class);

  public LogListing {
    segments = segments.stream().sorted().toList();
    gaps = gaps.stream().sorted().toList();
    marks = marks.stream().sorted(Comparator.comparingLong(MergeMark::sinceMillis)).toList();
  }

  /** The sequences that are gone. */
  public Gaps removed() {
    return Gaps.of(gaps);
  }

  /** The greatest sequence of which a segment or a gap tells; 0 if there is none. */
  public long lastSequence() {
    long last = 0;
    for (LogSegment segment : segments) {
      last = Math.max(last, segment.last());
    }
    for (Gap gap : gaps) {
      last = Math.max(last, gap.last());
    }
    return last;
  }

  /** The same without a damaged segment; empty if no others hold all that it held. */
  public Optional<LogListing> without(BlobName damaged) {
    List<LogSegment> others =
        segments.stream().filter(segment -> !segment.name().blobName().equals(damaged)).toList();
    for (LogSegment segment : segments) {
      if (segment.name().blobName().equals(damaged)) {
        return hold(others, segment)
            ? Optional.of(new LogListing(others, gaps, marks, newestMillis))
            : Optional.empty();
      }
    }
    return Optional.empty();
  }

  private static boolean hold(List<LogSegment> others, LogSegment wanted) {
    long next = wanted.first();
    for (LogSegment other : others) {
      if (other.first() <= next && other.last() >= next) {
        next = other.last() + 1;
      }
    }
    return next > wanted.last();
  }

  /** The segments that hold any change from {@code fromSequence} on that is not gone. */
  List<LogSegment> kept(long fromSequence) {
    Gaps removed = removed();
    return segments.stream()
        .filter(segment -> segment.last() >= fromSequence)
        .filter(segment -> !removed.covers(segment.first(), segment.last()))
        .toList();
  }

  /** The hashes of all segments that are there. */
  Set<ContentHash> hashes() {
    return segments.stream().map(segment -> segment.name().hash()).collect(Collectors.toSet());
  }

  /**
   * Those of the kept segments that have to be read for the changes from {@code fromSequence}
   * through {@code throughSequence}: what was merged into another is left out. Reads the marks that
   * tell of these sequences.
   *
   * @throws dev.tidemark.repository.blob.BlobMissingException if the folder has changed since it
   *     was listed: list it again
   */
  List<LogSegment> needed(BlobStore store, long fromSequence, long throughSequence)
      throws IOException {
    Set<ContentHash> there = hashes();
    Set<ContentHash> merged = new HashSet<>();
    for (MergeMark mark : marks) {
      if (mark.meets(fromSequence, throughSequence)) {
        try {
          MergeMark.Merge merge = mark.read(store);
          if (there.contains(merge.into())) {
            merged.addAll(merge.from());
          }
        } catch (CorruptBlobException e) {
          log.atWarn().setCause(e).log("list of merged segments is damaged, they are read as well");
        }
      }
    }
    return kept(fromSequence).stream()
        .filter(segment -> segment.first() <= throughSequence)
        .filter(segment -> !merged.contains(segment.name().hash()))
        .toList();
  }
}
