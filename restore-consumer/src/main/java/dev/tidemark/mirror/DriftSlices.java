package dev.tidemark.mirror;

import dev.tidemark.apply.TargetDirectory;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Looks for what others changed in the target while the mirror follows: a little twice a second,
 * all of it by and by, and after a rest again. By signatures, as {@link DriftCheck} does: the
 * mirror's own writes are in the state before it looks. For the mirror's thread.
 */
final class DriftSlices {
  private static final int MOST_ENTRIES = 300;
  private static final Duration BETWEEN_SLICES = Duration.ofMillis(500);
  private static final int MOST_WAITING = 100_000;
  private static final Duration LONGEST_REST = Duration.ofHours(1);

  private final MirrorConfig config;
  private final DriftLog told;
  private final DriftCheck check;
  private final InstantSource clock;
  private final Deque<NodePath> waiting = new ArrayDeque<>();
  private Duration rest;
  private long nextSliceMillis;

  DriftSlices(MirrorConfig config, TargetDirectory target, MirrorState state, InstantSource clock)
      throws IOException {
    this.config = config;
    this.clock = clock;
    this.told = new DriftLog(config.tree());
    this.check = new DriftCheck(target, state, config.writing().owners(), told);
    this.rest = config.drift().interval();
    this.nextSliceMillis = clock.millis() + rest.toMillis();
  }

  /** Does not wait for the next pass to be due. */
  void beginPass() {
    if (waiting.isEmpty()) {
      nextSliceMillis = clock.millis();
    }
  }

  /**
   * Looks at some directories; at none between two passes.
   *
   * @return how many entries are not as they were applied; then all is to be compared and mended
   */
  long look() throws IOException {
    if (config.drift().interval().isZero() || clock.millis() < nextSliceMillis) {
      return 0;
    }
    if (waiting.isEmpty()) {
      waiting.push(NodePath.ROOT);
    }
    long until = check.entries() + MOST_ENTRIES;
    while (!waiting.isEmpty() && told.isEmpty() && check.entries() < until) {
      List<NodePath> below = check.checkEntriesOf(waiting.pop());
      for (NodePath directory : below) {
        // Past the bound the rest of a pass is left to the next one.
        if (waiting.size() < MOST_WAITING) {
          waiting.push(directory);
        }
      }
    }
    long found = told.take();
    if (found > 0) {
      // What cannot be mended must not keep the mirror comparing.
      waiting.clear();
      rest = min(rest.multipliedBy(2), LONGEST_REST);
      nextSliceMillis = clock.millis() + rest.toMillis();
    } else if (waiting.isEmpty()) {
      rest = config.drift().interval();
      nextSliceMillis = clock.millis() + rest.toMillis();
    } else {
      nextSliceMillis = clock.millis() + BETWEEN_SLICES.toMillis();
    }
    return found;
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
