package dev.tidemark.mirror;

import java.time.Duration;

/**
 * How a standby looks for what others change in its target.
 *
 * @param interval between two passes over all of it; zero for none
 * @param events whether it also hears of changes from the kernel
 * @param rehashPercent of the files that a pass finds unchanged by their signatures, how many it
 *     reads all the same; 0 to 100
 * @param keep what becomes of what is put right
 */
public record DriftPlan(Duration interval, Events events, int rehashPercent, KeepDrift keep) {
  /** A pass every ten minutes that reads a hundredth, events where there are any; all is kept. */
  public static final DriftPlan DEFAULT =
      new DriftPlan(Duration.ofMinutes(10), Events.AUTO, 1, new KeepDrift.Usual());

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
    if (rehashPercent < 0 || rehashPercent > 100) {
      throw new IllegalArgumentException("%d percent: expected 0 to 100".formatted(rehashPercent));
    }
  }

  public DriftPlan withInterval(Duration newInterval) {
    return new DriftPlan(newInterval, events, rehashPercent, keep);
  }

  public DriftPlan with(Events newEvents) {
    return new DriftPlan(interval, newEvents, rehashPercent, keep);
  }

  public DriftPlan withRehash(int percent) {
    return new DriftPlan(interval, events, percent, keep);
  }

  public DriftPlan with(KeepDrift newKeep) {
    return new DriftPlan(interval, events, rehashPercent, newKeep);
  }
}
