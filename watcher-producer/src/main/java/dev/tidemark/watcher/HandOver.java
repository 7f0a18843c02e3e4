package dev.tidemark.watcher;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Body;
import dev.tidemark.schemas.change.Change.Cause;
import dev.tidemark.schemas.change.Change.Frames;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.watcher.Courses.Course;
import dev.tidemark.watcher.publish.ChangeSender;
import dev.tidemark.watcher.publish.ChangeSender.Sent;
import dev.tidemark.watcher.publish.ChangeTooLargeException;
import dev.tidemark.watcher.read.Inspected.Times;
import dev.tidemark.watcher.state.EntryKey;
import dev.tidemark.watcher.state.EntryRecord;
import dev.tidemark.watcher.state.PublishedTree;
import dev.tidemark.watcher.state.Step;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * Gives changes to the producer and takes their acknowledgements. What is given between two flushes
 * is sent together, after one write that puts its paths in doubt. Owned by the keeper.
 */
final class HandOver {
  private static final long MICROS = 1_000_000;

  private final ChangeSender sender;
  private final PublishedTree published;
  private final WatcherConfig.Limits limits;
  private final Counters counters;
  private final Checkpoints checkpoints;
  private final InstantSource clock;
  private final Courses courses;
  private final List<Sent> outbox = new ArrayList<>();
  private final Deque<Sent> unacknowledged = new ArrayDeque<>();
  private final Set<Long> acknowledgedEarly = new HashSet<>();
  private final Map<UUID, CompletableFuture<PublishedTag>> tags = new HashMap<>();
  private long unacknowledgedBytes;
  private long lastSentNanos = System.nanoTime();

  HandOver(
      ChangeSender sender,
      PublishedTree published,
      WatcherConfig.Limits limits,
      Counters counters,
      Checkpoints checkpoints,
      InstantSource clock,
      Courses courses) {
    this.sender = sender;
    this.published = published;
    this.limits = limits;
    this.counters = counters;
    this.checkpoints = checkpoints;
    this.clock = clock;
    this.courses = courses;
  }

  /** Whether another change may be handed over now. */
  boolean isOpen() {
    return unacknowledged.size() < limits.unacknowledgedChanges()
        && unacknowledgedBytes < limits.unacknowledgedBytes();
  }

  /** Whether a rename may: it is worth more than its bytes, but has a bound, too. */
  boolean isOpenForMoves() {
    return unacknowledged.size() < limits.unacknowledgedChanges() + limits.unacknowledgedMoves()
        && unacknowledgedBytes < 2L * limits.unacknowledgedBytes();
  }

  int unacknowledged() {
    return unacknowledged.size();
  }

  /** The last number handed over; 0 before the first. */
  long lastNumber() {
    return sender.lastNumber();
  }

  /** Whether all up to a number are acknowledged. */
  boolean isAcknowledged(long number) {
    return unacknowledged.isEmpty() || unacknowledged.peek().number() > number;
  }

  long lastSentNanos() {
    return lastSentNanos;
  }

  void put(
      NodePath path, EntryKey key, EntryRecord record, Frames frames, Cause cause, Course course)
      throws IOException {
    List<Step> steps = new ArrayList<>(1);
    hand(new Change.Put(path, record.node()), cause, frames, course, steps);
    steps.add(published.put(key, record));
  }

  /**
   * @param seenNanos when it was first known that something had happened to it
   */
  void remove(NodePath path, EntryKey key, Cause cause, long seenNanos) throws IOException {
    List<Step> steps = new ArrayList<>(1);
    Course course = new Course(seenNanos, Times.at(nowMicros()));
    hand(new Change.Remove(path), cause, Frames.NONE, course, steps);
    steps.add(published.remove(key));
  }

  void move(NodePath from, EntryKey fromKey, NodePath to, EntryKey toKey) throws IOException {
    List<Step> steps = new ArrayList<>(2);
    hand(new Change.Move(from, to), Cause.LIVE, Frames.NONE, now(), steps);
    steps.addAll(published.move(fromKey, toKey));
    counters.moves.incrementAndGet();
  }

  void exchange(NodePath first, EntryKey firstKey, NodePath second, EntryKey secondKey)
      throws IOException {
    List<Step> steps = new ArrayList<>(2);
    hand(new Change.Exchange(first, second), Cause.LIVE, Frames.NONE, now(), steps);
    steps.addAll(published.exchange(firstKey, secondKey));
    counters.moves.incrementAndGet();
  }

  void keep(NodePath path) throws IOException {
    hand(new Change.Keep(path), Cause.SCAN, Frames.NONE, now(), List.of());
  }

  void mark(Change.Mark mark) throws IOException {
    hand(mark, Cause.SCAN, Frames.NONE, now(), List.of());
  }

  void tag(Change.Tag tag, CompletableFuture<PublishedTag> done) {
    tags.put(tag.id(), done);
    outbox.add(sender.tag(tag, nowMicros()));
  }

  void heartbeat() {
    outbox.add(sender.heartbeat(nowMicros()));
  }

  private void hand(Body body, Cause cause, Frames frames, Course course, List<Step> steps)
      throws ChangeTooLargeException {
    Sent sent = sender.number(body, cause, frames, course.times().capturedMicros(), steps);
    courses.begin(sent, cause, frames, course);
    outbox.add(sent);
    unacknowledged.add(sent);
    unacknowledgedBytes += sent.encoded().length;
    counters.published.incrementAndGet();
    counters.lastNumber.set(sent.number());
  }

  private Course now() {
    return new Course(System.nanoTime(), Times.at(nowMicros()));
  }

  private long nowMicros() {
    Instant now = clock.instant();
    return now.getEpochSecond() * MICROS + now.getNano() / 1000;
  }

  /** Sends what was handed over. */
  void flush() throws IOException {
    if (outbox.isEmpty()) {
      return;
    }
    // A path is in doubt before anybody can have accepted a change of it.
    published.commit();
    checkpoints.reach(Checkpoints.Step.BEFORE_SEND);
    courses.sent(outbox);
    outbox.forEach(sender::send);
    outbox.clear();
    lastSentNanos = System.nanoTime();
    checkpoints.reach(Checkpoints.Step.AFTER_SEND);
  }

  /**
   * Takes an acknowledgement. A change counts only once all before it do.
   *
   * @return the bodies that count now
   */
  List<Body> acknowledged(Sent sent, long offset, long logTimeMillis) throws IOException {
    if (sent.number() == 0) {
      if (sent.body() instanceof Change.Tag(var id, _)) {
        CompletableFuture<PublishedTag> done = tags.remove(id);
        if (done != null) {
          done.complete(new PublishedTag(id, offset, logTimeMillis));
        }
      }
      return List.of();
    }
    courses.acknowledged(sent);
    acknowledgedEarly.add(sent.number());
    List<Body> bodies = new ArrayList<>();
    while (!unacknowledged.isEmpty() && acknowledgedEarly.remove(unacknowledged.peek().number())) {
      Sent next = unacknowledged.poll();
      if (bodies.isEmpty()) {
        checkpoints.reach(Checkpoints.Step.BEFORE_SETTLE);
      }
      unacknowledgedBytes -= next.encoded().length;
      for (Step step : next.steps()) {
        published.settle(step);
      }
      published.acknowledged(next.number());
      counters.acknowledged.incrementAndGet();
      bodies.add(next.body());
    }
    return bodies;
  }

  /** Nobody will tell any more whether the tags were published. */
  void abandon(Throwable cause) {
    tags.values().forEach(tag -> tag.completeExceptionally(cause));
    tags.clear();
  }
}
