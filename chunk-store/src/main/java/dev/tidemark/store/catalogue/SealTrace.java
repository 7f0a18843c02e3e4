package dev.tidemark.store.catalogue;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.trace.ChangeTrace;
import dev.tidemark.schemas.trace.Step;
import dev.tidemark.schemas.trace.TracedChange;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;

/**
 * Tells of the way of changes from the log into the repository, where somebody wants to hear of it;
 * else does nothing. What is read again after a crash is told again, under the same ids.
 * Thread-safe.
 */
public final class SealTrace {
  /** Wants to hear nothing. */
  public static final SealTrace OFF = new SealTrace(ChangeTrace.OFF, InstantSource.system());

  private static final long MICROS = 1_000_000;
  private static final long MICROS_PER_MILLI = 1_000;

  private final ChangeTrace trace;
  private final boolean on;
  private final InstantSource clock;

  /**
   * @param clock the process's: that of Kafka Streams is as of its last round
   */
  public SealTrace(ChangeTrace trace, InstantSource clock) {
    this.trace = trace;
    this.on = trace.isOn();
    this.clock = clock;
  }

  /** The time, for {@link Unsealed#takenMicros}; 0 where nobody wants to know. */
  long now() {
    if (!on) {
      return 0;
    }
    Instant now = clock.instant();
    return now.getEpochSecond() * MICROS + now.getNano() / MICROS_PER_MILLI;
  }

  /** A change was accepted; gives {@link #now}. */
  long received(Change change, Cursor after, long appendedMillis) {
    long now = now();
    if (on) {
      long appended = Math.min(appendedMillis * MICROS_PER_MILLI, now);
      TracedChange.of(change, after)
          .ifPresent(traced -> trace.tell(traced, Step.STORE_RECEIVE, "", appended, now));
    }
    return now;
  }

  /** Changes are durable in the repository. */
  void sealed(Collection<Unsealed> changes) {
    if (!on) {
      return;
    }
    long now = now();
    for (Unsealed sealed : changes) {
      TracedChange.of(sealed.change(), sealed.after())
          .ifPresent(traced -> trace.tell(traced, Step.SEAL, "", sealed.takenMicros(), now));
    }
  }
}
