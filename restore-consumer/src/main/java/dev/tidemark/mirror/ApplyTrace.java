package dev.tidemark.mirror;

import dev.tidemark.schemas.trace.ChangeTrace;
import dev.tidemark.schemas.trace.Step;
import dev.tidemark.schemas.trace.TracedChange;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/**
 * Tells of the way of changes from the log into the target, where somebody wants to hear of it;
 * else does nothing. Owned by the mirror's own thread.
 */
final class ApplyTrace {
  private static final long MICROS = 1_000_000;
  private static final long MICROS_PER_MILLI = 1_000;

  private final ChangeTrace trace;
  private final boolean on;
  private final String standby;
  private final InstantSource clock;
  private long receivedMicros;
  private long begunMicros;

  ApplyTrace(ChangeTrace trace, String standby, InstantSource clock) {
    this.trace = trace;
    this.on = trace.isOn();
    this.standby = standby;
    this.clock = clock;
  }

  /** The log has given records. */
  void received() {
    if (on) {
      receivedMicros = nowMicros();
    }
  }

  /** Of them, some are applied from here on. */
  void begins() {
    if (on) {
      begunMicros = nowMicros();
    }
  }

  /** These are visible. */
  void applied(List<Accepted> changes) {
    if (!on) {
      return;
    }
    long now = nowMicros();
    for (Accepted accepted : changes) {
      TracedChange.of(accepted.change(), accepted.after())
          .ifPresent(
              change -> {
                long appended =
                    Math.min(accepted.appendedMillis() * MICROS_PER_MILLI, receivedMicros);
                trace.tell(change, Step.MIRROR_RECEIVE, standby, appended, receivedMicros);
                trace.tell(change, Step.APPLY, standby, begunMicros, now);
              });
    }
  }

  private long nowMicros() {
    Instant now = clock.instant();
    return now.getEpochSecond() * MICROS + now.getNano() / MICROS_PER_MILLI;
  }
}
