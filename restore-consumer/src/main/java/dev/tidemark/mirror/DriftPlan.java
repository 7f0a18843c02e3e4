package dev.tidemark.mirror;

import java.time.Duration;

/**
 * How a standby looks for what others change in its target.
 *
 * @param interval between two passes over all of it; zero for none
 * @param events whether it also hears of changes from the kernel
 */
public record DriftPlan(Duration interval, Events events) {
  /** A pass every ten minutes, and events where the kernel gives them. */
  public static final DriftPlan DEFAULT = new DriftPlan(Duration.ofMinutes(10), Events.AUTO);

  /** Whether the kernel is asked to tell of changes. */
  public enum Events {
    /** As far as it gives watches. */
    AUTO,
    OFF
  }

  public DriftPlan {
    if (interval.isNegative()) {
      throw new IllegalArgumentException(
          "interval %s: expected zero, or some time".formatted(interval));
    }
  }

  public DriftPlan withInterval(Duration newInterval) {
    return new DriftPlan(newInterval, events);
  }

  public DriftPlan with(Events newEvents) {
    return new DriftPlan(interval, newEvents);
  }
}
