package dev.tidemark.repository.treelog;

import java.util.List;

/**
 * What lies in a log's folder.
 *
 * @param segments all that are there, by first, then last sequence
 * @param gaps by first, then last sequence; they may overlap
 */
public record LogListing(List<LogSegment> segments, List<Gap> gaps) {
  public LogListing {
    segments = segments.stream().sorted().toList();
    gaps = gaps.stream().sorted().toList();
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

  /** The segments that hold any change from {@code fromSequence} on that is not gone. */
  List<LogSegment> kept(long fromSequence) {
    Gaps removed = removed();
    return segments.stream()
        .filter(segment -> segment.last() >= fromSequence)
        .filter(segment -> !removed.covers(segment.first(), segment.last()))
        .toList();
  }
}
