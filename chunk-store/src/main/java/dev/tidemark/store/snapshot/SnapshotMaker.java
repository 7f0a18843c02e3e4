package dev.tidemark.store.snapshot;

import dev.tidemark.repository.history.History;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at each tree whose log has grown, not more often than at an interval: makes its next
 * snapshot, and few segments of many. Thread-safe.
 */
public final class SnapshotMaker implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SnapshotMaker.class);
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(10);

  /** So many new segments are worth a look, however small they are. */
  private static final int MANY_SEGMENTS = 64;

  /** What is due of a tree in the repository. */
  public interface Upkeep {
    /** Makes the next snapshot if one is due, and few segments of many. */
    void run(TreeName tree) throws IOException;
  }

  /** Since the repository was last looked at. */
  private record Growth(long segments, long changes, long bytes) {
    Growth plus(Growth other) {
      return new Growth(segments + other.segments, changes + other.changes, bytes + other.bytes);
    }

    boolean isWorthALook() {
      return segments >= MANY_SEGMENTS
          || changes >= History.FLOOR_CHANGES
          || bytes >= History.FLOOR_BYTES;
    }
  }

  private final Upkeep upkeep;
  private final Duration interval;
  private final LinkedHashSet<TreeName> grown = new LinkedHashSet<>();
  private final Map<TreeName, Growth> growth = new HashMap<>();
  private final Thread thread;
  private boolean closed;
  private volatile Optional<String> lastError = Optional.empty();

  /**
   * @param interval least time between two looks
   */
  public SnapshotMaker(Upkeep upkeep, Duration interval) {
    this.upkeep = upkeep;
    this.interval = interval;
    thread = Thread.ofPlatform().name("snapshot-maker").daemon().start(this::run);
  }

  /**
   * The log of {@code tree} in the repository has grown by a segment. Does not block. The
   * repository is looked at once the log has grown by so much that something can be due; and at its
   * first growth, since it is not known how much it grew before this process began.
   */
  public void logHasGrown(TreeName tree, long changes, long bytes) {
    synchronized (grown) {
      Growth one = new Growth(1, changes, bytes);
      Growth before = growth.putIfAbsent(tree, one);
      Growth since = before == null ? one : before.plus(one);
      if (before == null || since.isWorthALook()) {
        since = new Growth(0, 0, 0);
        grown.add(tree);
        grown.notifyAll();
      }
      growth.put(tree, since);
    }
  }

  /** Why the last attempt failed, until one succeeds. */
  public Optional<String> lastError() {
    return lastError;
  }

  /** Interrupts a snapshot that is being made: it is made again later, by whoever comes first. */
  @Override
  public void close() {
    synchronized (grown) {
      closed = true;
      grown.notifyAll();
    }
    thread.interrupt();
    try {
      thread.join(CLOSE_PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (true) {
        Optional<TreeName> tree = take();
        if (tree.isEmpty()) {
          return;
        }
        look(tree.get());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Waits for the interval first, so that a burst of segments is looked at once; empty when closed.
   */
  private Optional<TreeName> take() throws InterruptedException {
    synchronized (grown) {
      while (grown.isEmpty() && !closed) {
        grown.wait();
      }
      long deadline = System.nanoTime() + interval.toNanos();
      for (long left = interval.toMillis(); left > 0 && !closed; ) {
        grown.wait(left);
        left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
      }
      return closed ? Optional.empty() : Optional.of(grown.removeFirst());
    }
  }

  private void look(TreeName tree) {
    try {
      upkeep.run(tree);
      lastError = Optional.empty();
    } catch (IOException | RuntimeException e) {
      if (Thread.currentThread().isInterrupted()) {
        return;
      }
      lastError = Optional.of("%s: %s".formatted(tree, e));
      log.atWarn()
          .addKeyValue("tree", tree)
          .setCause(e)
          .log(
              "snapshot or merged log not made; the next growth of the log brings the next"
                  + " attempt");
    }
  }
}
