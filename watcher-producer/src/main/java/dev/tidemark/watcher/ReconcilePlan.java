package dev.tidemark.watcher;

import java.time.Duration;

/**
 * How the whole tree is gone over in the background, to find what no event has told.
 *
 * @param interval each directory is compared once in so long; zero: never
 */
public record ReconcilePlan(Duration interval, Depth depth) {
  /** What is compared of a file. */
  public enum Depth {
    /** Size, times and inode: costs a stat. */
    SIGNATURES,
    /**
     * The bytes too: finds what leaves no trace in a stat, and reads all files once an interval.
     */
    CONTENT
  }

  public static final ReconcilePlan DEFAULT =
      new ReconcilePlan(Duration.ofHours(24), Depth.SIGNATURES);

  public ReconcilePlan {
    if (interval.isNegative()) {
      throw new IllegalArgumentException(
          "reconcile-interval %s: expected 0 or more".formatted(interval));
    }
  }
}
