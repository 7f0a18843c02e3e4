package dev.tidemark.store.snapshot;

import dev.tidemark.repository.history.History;
import dev.tidemark.repository.history.History.Pace;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at each tree whose log has grown, not more often than at an interval: makes its next
 * snapshot, and few segments of many. It looks once more at what has grown by much when it has come
 * to rest. Thread-safe.
 */
public final class SnapshotMaker implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SnapshotMaker.class);
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(10);

  /** So many new segments are worth a look, however small they are. */
  private static final int MANY_SEGMENTS = 64;

  /** A tree of which nothing was sealed for so many intervals is at rest. */
  private static final int INTERVALS_TO_REST = 4;

  /** What is due of a tree in the repository. */
  public interface Upkeep {
    /** Makes the next snapshot if one is due, and few segments of many. */
    void run(TreeName tree, Pace pace) throws IOException;
  }

  /** Since the repository was last looked at. */
  private record Growth(long segments, long changes, long bytes) {
    static final Growth NONE = new Growth(0, 0, 0);

    Growth plus(Growth other) {
      return new Growth(segments + other.segments, changes + other.changes, bytes + other.bytes);
    }

    boolean isWorthALook() {
      return segments >= MANY_SEGMENTS || isWorthASnapshot();
    }

    boolean isWorthASnapshot() {
      return changes >= History.FLOOR_CHANGES || bytes >= History.FLOOR_BYTES;
    }
  }

  /**
   * @param sinceRest since it was last looked at as a tree at rest
   * @param grownAt on the clock of {@link System#nanoTime()}
   */
  private record TreeGrowth(Growth sinceLook, Growth sinceRest, long grownAt) {}

  private record Look(TreeName tree, Pace pace) {}

  private final Upkeep upkeep;
  private final Duration interval;
  private final LinkedHashSet<TreeName> grown = new LinkedHashSet<>();
  private final Map<TreeName, TreeGrowth> growth = new HashMap<>();
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
      TreeGrowth before = growth.get(tree);
      Growth sinceLook = before == null ? one : before.sinceLook().plus(one);
      Growth sinceRest = before == null ? one : before.sinceRest().plus(one);
      if (before == null || sinceLook.isWorthALook()) {
        sinceLook = Growth.NONE;
        grown.add(tree);
      }
      growth.put(tree, new TreeGrowth(sinceLook, sinceRest, System.nanoTime()));
      grown.notifyAll();
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
        Optional<Look> next = take();
        if (next.isEmpty()) {
          return;
        }
        look(next.get());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for the next tree that has come to rest, or grown; empty when closed. */
  private Optional<Look> take() throws InterruptedException {
    synchronized (grown) {
      while (!closed) {
        OptionalLong left = nanosToRest();
        if (left.isPresent() && left.getAsLong() <= 0) {
          return Optional.of(new Look(takeRested(), Pace.AT_REST));
        }
        if (!grown.isEmpty()) {
          awaitInterval();
          return closed ? Optional.empty() : Optional.of(new Look(grown.removeFirst(), Pace.BUSY));
        }
        if (left.isPresent()) {
          TimeUnit.NANOSECONDS.timedWait(grown, left.getAsLong());
        } else {
          grown.wait();
        }
      }
      return Optional.empty();
    }
  }

  /** So that a burst of segments is looked at once. */
  private void awaitInterval() throws InterruptedException {
    long deadline = System.nanoTime() + interval.toNanos();
    for (long left = interval.toNanos(); left > 0 && !closed; ) {
      TimeUnit.NANOSECONDS.timedWait(grown, left);
      left = deadline - System.nanoTime();
    }
  }

  /** Until the first of the trees that have grown by much will be at rest. */
  private OptionalLong nanosToRest() {
    long now = System.nanoTime();
    return growth.values().stream()
        .filter(tree -> tree.sinceRest().isWorthASnapshot())
        .mapToLong(tree -> tree.grownAt() - now + INTERVALS_TO_REST * interval.toNanos())
        .min();
  }

  /** The one that has grown by much and been at rest for longest. */
  private TreeName takeRested() {
    TreeName rested =
        growth.entrySet().stream()
            .filter(tree -> tree.getValue().sinceRest().isWorthASnapshot())
            .min((a, b) -> Long.signum(a.getValue().grownAt() - b.getValue().grownAt()))
            .orElseThrow()
            .getKey();
    growth.computeIfPresent(
        rested, (_, tree) -> new TreeGrowth(tree.sinceLook(), Growth.NONE, tree.grownAt()));
    return rested;
  }

  private void look(Look look) {
    TreeName tree = look.tree();
    try {
      upkeep.run(tree, look.pace());
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
