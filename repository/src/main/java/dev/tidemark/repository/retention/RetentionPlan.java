package dev.tidemark.repository.retention;

import dev.tidemark.schemas.change.TreeName;
import java.util.List;

/**
 * What retention will do to one tree.
 *
 * @param kept the instants up to {@code windowBase} that stay by themselves
 * @param windowBase the change from which on every instant stays; 0 if nothing is old enough to go
 * @param windowMillis the log time of the oldest instant asked to be kept whole
 * @param snapshotsToMake ascending
 * @param snapshotsToDelete ascending
 * @param ranges the sequences that leave the log and have not before, ascending
 * @param segments how many segments hold nothing that is kept, and go once the grace is over
 * @param segmentBytes sum of their lengths
 */
public record RetentionPlan(
    TreeName tree,
    List<KeptInstant> kept,
    long windowBase,
    long windowMillis,
    List<Long> snapshotsToMake,
    List<Long> snapshotsToDelete,
    List<Range> ranges,
    long segments,
    long segmentBytes) {
  /** A run of sequences, both ends included. */
  public record Range(long first, long last) {
    boolean contains(long sequence) {
      return first <= sequence && sequence <= last;
    }
  }

  public RetentionPlan {
    kept = List.copyOf(kept);
    snapshotsToMake = List.copyOf(snapshotsToMake);
    snapshotsToDelete = List.copyOf(snapshotsToDelete);
    ranges = List.copyOf(ranges);
  }

  /** Whether there is nothing to do. */
  public boolean isEmpty() {
    return snapshotsToDelete.isEmpty() && ranges.isEmpty();
  }
}
