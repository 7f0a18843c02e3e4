package dev.tidemark.mirror;

import dev.tidemark.log.LogRecord;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/**
 * How far a standby stays behind on purpose: so long after its append a change is applied. By the
 * broker's clock, and that of this host.
 */
final class HoldBack {
  private final Duration delay;
  private final InstantSource clock;

  HoldBack(Duration delay, InstantSource clock) {
    this.delay = delay;
    this.clock = clock;
  }

  /** The first of some records in log order, as many of them as may be applied. */
  List<LogRecord> due(List<LogRecord> records) {
    if (delay.isZero()) {
      // A host whose clock is slow must not wait for nothing.
      return records;
    }
    long until = clock.millis() - delay.toMillis();
    int count = 0;
    while (count < records.size() && records.get(count).logTimeMillis() <= until) {
      count++;
    }
    return records.subList(0, count);
  }
}
