package dev.tidemark.mirror;

import dev.tidemark.apply.FrameSource;
import java.time.Duration;
import java.time.InstantSource;

/**
 * Where the frames of a batch are asked for first; what is not there is asked for at the other
 * place.
 */
final class FrameChoice {
  /** By then a change is sealed, wherever sealing goes on. */
  private static final Duration OLD = Duration.ofMinutes(10);

  private final FramesFrom from;
  private final FrameSource logFirst;
  private final FrameSource sealedFirst;
  private final InstantSource clock;

  FrameChoice(FramesFrom from, FrameSource logFirst, FrameSource sealedFirst, InstantSource clock) {
    this.from = from;
    this.logFirst = logFirst;
    this.sealedFirst = sealedFirst;
    this.clock = clock;
  }

  /** For comparisons, of whose files nearly all are sealed. */
  FrameSource sealedFirst() {
    return sealedFirst;
  }

  /** For a batch of changes, of which the last was appended at a time, 0 if that is not known. */
  FrameSource of(long lastAppendedMillis) {
    return switch (from) {
      case KAFKA -> logFirst;
      case REPOSITORY -> sealedFirst;
      case AUTO -> isOld(lastAppendedMillis) ? sealedFirst : logFirst;
    };
  }

  private boolean isOld(long millis) {
    return millis != 0 && clock.millis() - millis > OLD.toMillis();
  }
}
