package dev.tidemark.repository.blob;

import java.time.Duration;
import java.time.InstantSource;

/**
 * How long a blob that nothing refers to is left alone, and within what time a writer has to refer
 * to what it has put, or has found. What takes longer may refer to what is just being deleted, and
 * begins again.
 */
public final class Grace {
  /** Nothing that left the repository's history is deleted earlier. */
  public static final Duration DEFAULT = Duration.ofHours(24);

  /** Half of it, so that a writer and a deleter never meet. */
  public static final Duration TO_REFER = DEFAULT.dividedBy(2);

  private final InstantSource clock;
  private final long startMillis;
  private final long startNanos = System.nanoTime();

  private Grace(InstantSource clock) {
    this.clock = clock;
    this.startMillis = clock.millis();
  }

  /** Begins to measure. */
  public static Grace start(InstantSource clock) {
    return new Grace(clock);
  }

  /** Whether {@link #TO_REFER} has passed, by either of two clocks: one stops with the host. */
  public boolean isOver() {
    long millis =
        Math.max(clock.millis() - startMillis, (System.nanoTime() - startNanos) / 1_000_000);
    return millis > TO_REFER.toMillis();
  }
}
