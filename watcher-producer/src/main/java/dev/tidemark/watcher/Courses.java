package dev.tidemark.watcher;

import dev.tidemark.schemas.change.Change.Cause;
import dev.tidemark.schemas.change.Change.Frames;
import dev.tidemark.schemas.change.Epoch;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.trace.ChangeTrace;
import dev.tidemark.schemas.trace.Step;
import dev.tidemark.schemas.trace.TracedChange;
import dev.tidemark.watcher.publish.ChangeSender.Sent;
import dev.tidemark.watcher.read.Inspected.Times;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Tells of the way that each change takes from its first event to its acknowledgement, where
 * somebody wants to hear of it; else does nothing. Remembers no more than is unacknowledged. Owned
 * by the keeper.
 */
final class Courses {
  private static final long MICROS = 1_000_000;
  private static final long NANOS_PER_MICRO = 1_000;

  private final ChangeTrace trace;
  private final boolean on;
  private final UUID changesTopic;
  private final TreeName tree;
  private final Epoch epoch;
  private final InstantSource clock;
  private final Map<Long, Begun> underWay = new HashMap<>();

  /**
   * How a change came to be handed over.
   *
   * @param seenNanos when it was first known that something had happened, by {@link
   *     System#nanoTime}
   */
  record Course(long seenNanos, Times times) {}

  private record Begun(
      TracedChange change, long seenMicros, Times times, boolean hasFrames, long sentMicros) {
    Begun sentAt(long micros) {
      return new Begun(change, seenMicros, times, hasFrames, micros);
    }
  }

  Courses(ChangeTrace trace, UUID changesTopic, TreeName tree, Epoch epoch, InstantSource clock) {
    this.trace = trace;
    this.on = trace.isOn();
    this.changesTopic = changesTopic;
    this.tree = tree;
    this.epoch = epoch;
    this.clock = clock;
  }

  void begin(Sent sent, Cause cause, Frames frames, Course course) {
    if (!on || !TracedChange.isTraced(cause, sent.body())) {
      return;
    }
    TracedChange change =
        new TracedChange(changesTopic, tree, epoch, sent.number(), cause, sent.body());
    long now = nowMicros();
    long sinceSeen = (System.nanoTime() - course.seenNanos()) / NANOS_PER_MICRO;
    // Two clocks: nothing is read before it is known that something happened.
    long seen = Math.min(now - sinceSeen, course.times().begunMicros());
    underWay.put(sent.number(), new Begun(change, seen, course.times(), !frames.isEmpty(), now));
  }

  void sent(List<Sent> changes) {
    if (on) {
      long now = nowMicros();
      for (Sent sent : changes) {
        underWay.computeIfPresent(sent.number(), (_, begun) -> begun.sentAt(now));
      }
    }
  }

  void acknowledged(Sent sent) {
    Begun begun = on ? underWay.remove(sent.number()) : null;
    if (begun == null) {
      return;
    }
    long now = nowMicros();
    Times times = begun.times();
    tell(begun, Step.READ, times.begunMicros(), times.capturedMicros());
    if (begun.hasFrames()) {
      tell(begun, Step.SEND_CHUNKS, times.capturedMicros(), times.completeMicros());
    }
    tell(begun, Step.PUBLISH, begun.sentMicros(), now);
    tell(begun, Step.CHANGE, begun.seenMicros(), now);
  }

  private void tell(Begun begun, Step step, long fromMicros, long toMicros) {
    trace.tell(begun.change(), step, "", fromMicros, toMicros);
  }

  private long nowMicros() {
    Instant now = clock.instant();
    return now.getEpochSecond() * MICROS + now.getNano() / NANOS_PER_MICRO;
  }
}
