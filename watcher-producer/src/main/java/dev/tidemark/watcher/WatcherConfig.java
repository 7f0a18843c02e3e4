package dev.tidemark.watcher;

import dev.tidemark.log.LogConnection;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.filter.PathFilter;
import dev.tidemark.watcher.capture.CaptureMode;
import dev.tidemark.watcher.read.Mounts;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What a watcher is to do.
 *
 * @param root the directory to watch; a symlink to it is followed
 * @param stateFolder for the state store, made if missing; outside the root
 * @param host under which this writer appears to others
 * @param settle a file that is not closed, and a directory, is looked at when it has been quiet for
 *     so long; default 100 ms. Shorter publishes more intermediate states, longer delays files that
 *     are created without being written
 * @param maxDelay after so long it is looked at although it is not quiet; default 5 s
 * @param readers threads that read and compress, and as many that scan; default the number of
 *     processors, at most 8
 * @param onUnreadable what to do about entries that cannot be read; default REPORT
 * @param descriptorWait how long to wait for the repository's descriptor, which the chunk-store
 *     publishes; default 30 s
 */
public record WatcherConfig(
    TreeName tree,
    Path root,
    Path stateFolder,
    LogConnection log,
    String host,
    Duration settle,
    Duration maxDelay,
    int readers,
    TakeOver takeOver,
    OnUnreadable onUnreadable,
    Duration descriptorWait,
    Limits limits,
    Control control,
    Capture capture) {
  private static final int MOST_READERS = 64;

  public WatcherConfig {
    if (settle.isNegative() || settle.compareTo(maxDelay) > 0) {
      throw new IllegalArgumentException(
          "settle %s, max-delay %s: expected 0 <= settle <= max-delay".formatted(settle, maxDelay));
    }
    if (readers < 1 || readers > MOST_READERS) {
      throw new IllegalArgumentException(
          "readers %d: expected 1 to %d".formatted(readers, MOST_READERS));
    }
  }

  /**
   * What bounds memory.
   *
   * @param queuedEvents events taken from the kernel and not yet looked into; past it they are
   *     dropped as the kernel drops those past its queue: the tree is compared again. Default
   *     500,000, some 50 MB
   * @param dirtyEntries entries to look at; past it directories are compared as a whole. Default
   *     500,000, some 100 MB
   * @param unacknowledgedChanges handed to the producer; default 2,048
   * @param unacknowledgedBytes of their encoded form; default 8 MiB, below the producer's buffer
   * @param unacknowledgedMoves renames that may go beyond {@code unacknowledgedChanges}; past it
   *     both ends of a rename are looked at instead. Default 1,024
   * @param heartbeat an idle writer shows itself so often, and each looks so often whether the
   *     topics are those that it knows; default 10 s
   * @param retryUncovered directories that could not be watched, and entries that could not be
   *     read, are tried again so often; default 60 s
   */
  public record Limits(
      int queuedEvents,
      int dirtyEntries,
      int unacknowledgedChanges,
      int unacknowledgedBytes,
      int unacknowledgedMoves,
      Duration heartbeat,
      Duration retryUncovered) {
    public static final Limits DEFAULT =
        new Limits(
            500_000,
            500_000,
            2_048,
            8 << 20,
            1_024,
            Duration.ofSeconds(10),
            Duration.ofSeconds(60));

    public Limits {
      if (queuedEvents < 1
          || dirtyEntries < 1
          || unacknowledgedChanges < 1
          || unacknowledgedBytes < 1
          || unacknowledgedMoves < 0) {
        throw new IllegalArgumentException("limits of a watcher must be at least 1");
      }
    }

    public Limits withQueuedEvents(int newQueuedEvents) {
      return new Limits(
          newQueuedEvents,
          dirtyEntries,
          unacknowledgedChanges,
          unacknowledgedBytes,
          unacknowledgedMoves,
          heartbeat,
          retryUncovered);
    }

    public Limits withDirtyEntries(int newDirtyEntries) {
      return new Limits(
          queuedEvents,
          newDirtyEntries,
          unacknowledgedChanges,
          unacknowledgedBytes,
          unacknowledgedMoves,
          heartbeat,
          retryUncovered);
    }

    public Limits withUnacknowledged(int changes, int moves) {
      return new Limits(
          queuedEvents,
          dirtyEntries,
          changes,
          unacknowledgedBytes,
          moves,
          heartbeat,
          retryUncovered);
    }

    public Limits withRetryUncovered(Duration newRetryUncovered) {
      return new Limits(
          queuedEvents,
          dirtyEntries,
          unacknowledgedChanges,
          unacknowledgedBytes,
          unacknowledgedMoves,
          heartbeat,
          newRetryUncovered);
    }

    public Limits withHeartbeat(Duration newHeartbeat) {
      return new Limits(
          queuedEvents,
          dirtyEntries,
          unacknowledgedChanges,
          unacknowledgedBytes,
          unacknowledgedMoves,
          newHeartbeat,
          retryUncovered);
    }
  }

  /**
   * What is compared, and what a comparison may do.
   *
   * @param filter what is no part of the tree; default nothing
   */
  public record Control(PathFilter filter, MaxRemovals maxRemovals, ReconcilePlan reconcile) {
    public static final Control DEFAULT =
        new Control(PathFilter.NONE, MaxRemovals.USUAL, ReconcilePlan.DEFAULT);

    public Control with(PathFilter newFilter) {
      return new Control(newFilter, maxRemovals, reconcile);
    }

    public Control with(MaxRemovals newMaxRemovals) {
      return new Control(filter, newMaxRemovals, reconcile);
    }

    public Control with(ReconcilePlan newReconcile) {
      return new Control(filter, maxRemovals, newReconcile);
    }
  }

  /**
   * How changes are found.
   *
   * @param mode default AUTO
   * @param scanInterval between comparisons of the whole tree where no events are told; default 60
   *     s, at least 100 ms. Shorter finds changes earlier and keeps the disk busier
   * @param mounts whether filesystems mounted below the root are part of the tree; default STAY
   */
  public record Capture(CaptureMode mode, Duration scanInterval, Mounts mounts) {
    private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(100);

    public static final Capture DEFAULT =
        new Capture(CaptureMode.AUTO, Duration.ofSeconds(60), Mounts.STAY);

    public Capture {
      if (scanInterval.compareTo(SHORTEST_INTERVAL) < 0) {
        throw new IllegalArgumentException(
            "scan interval %s: expected at least %s".formatted(scanInterval, SHORTEST_INTERVAL));
      }
    }

    public Capture with(CaptureMode newMode) {
      return new Capture(newMode, scanInterval, mounts);
    }

    public Capture with(Mounts newMounts) {
      return new Capture(mode, scanInterval, newMounts);
    }

    public Capture withScanInterval(Duration newScanInterval) {
      return new Capture(mode, newScanInterval, mounts);
    }
  }

  /** With the defaults. */
  public static WatcherConfig of(TreeName tree, Path root, Path stateFolder, LogConnection log) {
    return new WatcherConfig(
        tree,
        root,
        stateFolder,
        log,
        localHost(),
        Duration.ofMillis(100),
        Duration.ofSeconds(5),
        Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 8),
        TakeOver.REFUSE,
        OnUnreadable.REPORT,
        Duration.ofSeconds(30),
        Limits.DEFAULT,
        Control.DEFAULT,
        Capture.DEFAULT);
  }

  public WatcherConfig with(TakeOver newTakeOver) {
    return new WatcherConfig(
        tree,
        root,
        stateFolder,
        log,
        host,
        settle,
        maxDelay,
        readers,
        newTakeOver,
        onUnreadable,
        descriptorWait,
        limits,
        control,
        capture);
  }

  public WatcherConfig with(OnUnreadable newOnUnreadable) {
    return new WatcherConfig(
        tree,
        root,
        stateFolder,
        log,
        host,
        settle,
        maxDelay,
        readers,
        takeOver,
        newOnUnreadable,
        descriptorWait,
        limits,
        control,
        capture);
  }

  public WatcherConfig with(Limits newLimits) {
    return new WatcherConfig(
        tree,
        root,
        stateFolder,
        log,
        host,
        settle,
        maxDelay,
        readers,
        takeOver,
        onUnreadable,
        descriptorWait,
        newLimits,
        control,
        capture);
  }

  public WatcherConfig with(Control newControl) {
    return new WatcherConfig(
        tree,
        root,
        stateFolder,
        log,
        host,
        settle,
        maxDelay,
        readers,
        takeOver,
        onUnreadable,
        descriptorWait,
        limits,
        newControl,
        capture);
  }

  public WatcherConfig with(Capture newCapture) {
    return new WatcherConfig(
        tree,
        root,
        stateFolder,
        log,
        host,
        settle,
        maxDelay,
        readers,
        takeOver,
        onUnreadable,
        descriptorWait,
        limits,
        control,
        newCapture);
  }

  WatcherConfig withRoot(Path newRoot) {
    return new WatcherConfig(
        tree,
        newRoot,
        stateFolder,
        log,
        host,
        settle,
        maxDelay,
        readers,
        takeOver,
        onUnreadable,
        descriptorWait,
        limits,
        control,
        capture);
  }

  public WatcherConfig withHost(String newHost) {
    return new WatcherConfig(
        tree,
        root,
        stateFolder,
        log,
        newHost,
        settle,
        maxDelay,
        readers,
        takeOver,
        onUnreadable,
        descriptorWait,
        limits,
        control,
        capture);
  }

  public WatcherConfig withDelays(Duration newSettle, Duration newMaxDelay) {
    return new WatcherConfig(
        tree,
        root,
        stateFolder,
        log,
        host,
        newSettle,
        newMaxDelay,
        readers,
        takeOver,
        onUnreadable,
        descriptorWait,
        limits,
        control,
        capture);
  }

  private static String localHost() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException _) {
      // A host that cannot resolve its own name still has to show itself to others.
      return "localhost";
    }
  }
}
