package dev.tidemark.watcher;

import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.schemas.change.Change.Cause;
import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.watcher.MaxRemovals.RootState;
import dev.tidemark.watcher.dirty.Directory;
import dev.tidemark.watcher.dirty.DirectoryTable;
import dev.tidemark.watcher.dirty.Mark;
import dev.tidemark.watcher.read.Findings;
import dev.tidemark.watcher.read.Findings.Difference;
import dev.tidemark.watcher.read.Findings.KnownDirectory;
import dev.tidemark.watcher.read.Findings.Progress;
import dev.tidemark.watcher.read.ReadTask;
import dev.tidemark.watcher.read.Readers;
import dev.tidemark.watcher.state.EntryKey;
import dev.tidemark.watcher.state.EntryRecord;
import dev.tidemark.watcher.state.Name;
import dev.tidemark.watcher.state.PublishedTree.SharedInode;
import dev.tidemark.watcher.state.Signature;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes over the whole tree in the background, once an interval, to find what no event has told.
 * Directories are spread over slices by their ids and slices over the interval; one directory is
 * with a scanner at a time, and only while nothing else is to be done. The first round begins with
 * the end of the scan of the start, which has seen everything. Owned by the keeper.
 *
 * <p>A difference is first only suspected: its event may be on its way, or its quiet time not over.
 * If nothing was heard of it after a while it is looked at; what is published of that was missed.
 */
final class Reconciler {
  private static final Logger log = LoggerFactory.getLogger(Reconciler.class);

  /** Number of the pass that its listings belong to. */
  static final int PASS = -1;

  private static final int MOST_SLICES = 1024;

  /** More waits for the readers than this: the tree is in use, and comparing it can wait. */
  private static final int BUSY = 64;

  /** Suspicions held at a time; past it no directory is compared. */
  private static final int MOST_SUSPECTS = 4_096;

  /** Inodes with names outside of the tree that are looked at with each slice. */
  private static final int SHARED_AT_ONCE = 256;

  private static final long BUSY_NANOS = 50_000_000;
  private static final long SPREAD = 0x9E3779B97F4A7C15L;

  private record Suspect(Directory directory, Name name, int bits, long gone, long due) {}

  private final WatcherConfig config;
  private final LiveTree tree;
  private final Passes passes;
  private final Readers readers;
  private final Counters counters;
  private final Deque<Long> left = new ArrayDeque<>();
  private final Deque<Suspect> suspects = new ArrayDeque<>();
  private final long intervalNanos;
  private int slices;
  private int slice;
  private boolean listing;
  private long nextAt = Long.MAX_VALUE;
  private long gapNanos;
  private long roundBegun;
  private long examined;
  private long gone;
  private long missesBefore;
  private long lastShared;

  Reconciler(
      WatcherConfig config, LiveTree tree, Passes passes, Readers readers, Counters counters) {
    this.config = config;
    this.tree = tree;
    this.passes = passes;
    this.readers = readers;
    this.counters = counters;
    this.intervalNanos = config.control().reconcile().interval().toNanos();
  }

  /** The scan of the start is over: everything has just been compared. */
  void begin(long now) throws IOException {
    if (intervalNanos > 0) {
      beginRound(now);
    }
  }

  private void beginRound(long now) throws IOException {
    slices = Math.clamp(tree.table.size(), 1, MOST_SLICES);
    slice = -1;
    roundBegun = now;
    examined = 0;
    gone = 0;
    missesBefore = counters.misses.get();
    nextAt = now;
    nextSlice(now);
  }

  private void nextSlice(long now) throws IOException {
    slice++;
    suspectShared(now);
    for (Directory directory : tree.table.all()) {
      if (sliceOf(directory.id()) == slice) {
        left.add(directory.id());
      }
    }
    gapNanos = Math.max(1, intervalNanos / slices / (left.size() + 1));
    nextAt = Math.max(nextAt, now) + gapNanos;
  }

  /** No event tells of a write through a name outside: such inodes do not wait for their slice. */
  private void suspectShared(long now) throws IOException {
    List<SharedInode> part = tree.published.sharedInodes(lastShared, SHARED_AT_ONCE);
    for (SharedInode shared : part) {
      for (EntryKey key : shared.names()) {
        Optional<Directory> directory = tree.table.find(key.directory());
        if (directory.isPresent() && differs(directory.get(), key.name())) {
          suspect(directory.get(), key.name(), Mark.DATA | Mark.META, 0, now);
        }
      }
    }
    lastShared = part.size() < SHARED_AT_ONCE ? 0 : part.getLast().inode();
  }

  private boolean differs(Directory directory, Name name) throws IOException {
    Optional<EntryRecord> record = tree.published(directory, name);
    Optional<FileStatus> status = tree.statusOf(directory, name);
    return record.isPresent()
        && status.isPresent()
        && !record.get().signature().equals(Signature.of(status.get()));
  }

  private int sliceOf(long id) {
    return (int) Long.remainderUnsigned(id * SPREAD >>> 16, slices);
  }

  /** When {@link #advance} has something to do. */
  long nextDue() {
    long due = suspects.isEmpty() ? Long.MAX_VALUE : suspects.peek().due();
    return listing ? due : Math.min(due, nextAt);
  }

  /**
   * Goes on as far as time and other work allow.
   *
   * @throws WatcherRefusedException if more is gone than may be removed
   */
  void advance(long now) throws IOException {
    ask(now);
    if (listing || nextAt > now) {
      return;
    }
    if (counters.scanning || tree.dirty.size() > BUSY || suspects.size() > MOST_SUSPECTS) {
      nextAt = now + BUSY_NANOS;
      return;
    }
    Optional<Directory> next = Optional.empty();
    while (next.isEmpty() && !left.isEmpty()) {
      next = tree.table.find(left.poll()).filter(d -> !d.isDetached());
    }
    if (next.isPresent()) {
      list(next.get());
      nextAt = now + gapNanos;
    } else if (slice + 1 < slices) {
      nextSlice(now);
    } else {
      endRound(now);
    }
  }

  private void list(Directory directory) {
    listing = true;
    readers.submit(
        new ReadTask.Scan(
            directory.id(),
            DirectoryTable.pathOf(directory),
            directory.inode(),
            PASS,
            ScanKind.DIFFERENCE,
            switch (config.control().reconcile().depth()) {
              case SIGNATURES -> ReadTask.Depth.SIGNATURES;
              case CONTENT -> ReadTask.Depth.CONTENT;
            },
            new Semaphore(0)));
  }

  private void endRound(long now) throws IOException {
    log.atInfo()
        .addKeyValue("tree", config.tree())
        .addKeyValue("entries", examined)
        .addKeyValue("missed", counters.misses.get() - missesBefore)
        .addKeyValue("millis", (now - roundBegun) / 1_000_000)
        .log("tree compared in the background");
    beginRound(now);
  }

  /** Takes up what a scanner has found. */
  void found(Findings findings, long now) throws IOException {
    examined += findings.examined();
    counters.reconciled.addAndGet(findings.examined());
    Optional<Directory> directory = tree.table.find(findings.scan().directory());
    for (KnownDirectory known : findings.known()) {
      known(directory, known, now);
    }
    if (directory.isPresent() && !directory.get().isDetached()) {
      for (Difference difference : findings.differing()) {
        suspect(directory.get(), difference.name(), difference.bits(), difference.gone(), now);
      }
      ended(directory.get(), findings.progress(), now);
    }
    if (findings.progress() instanceof Progress.More) {
      findings.scan().gate().release();
    } else {
      listing = false;
    }
  }

  private void known(Optional<Directory> parent, KnownDirectory known, long now)
      throws IOException {
    Optional<Directory> child =
        parent
            .flatMap(p -> p.child(known.name()))
            .filter(c -> c.inode() == known.inode() && !c.isDetached());
    if (child.isPresent()) {
      if (tree.adopt(child.get(), known.watch(), now)) {
        passes.schedule(child.get(), 0);
      }
    } else {
      tree.discard(known.watch());
      parent.ifPresent(p -> suspect(p, known.name(), Mark.DATA | Mark.META, 0, now));
    }
  }

  private void ended(Directory directory, Progress progress, long now) {
    switch (progress) {
      case Progress.More(), Progress.Complete() -> {}
      case Progress.Stale() -> {
        if (!directory.isRoot()) {
          suspect(directory.parent(), directory.name(), Mark.DATA | Mark.META, 0, now);
        }
      }
      case Progress.Unreadable(var cause) -> {
        counters.unreadable.incrementAndGet();
        counters.lastError = String.valueOf(cause.getMessage());
      }
    }
  }

  private void suspect(Directory directory, Name name, int bits, long howMany, long now) {
    if (tree.dirty.find(directory, name).isEmpty()) {
      suspects.add(new Suspect(directory, name, bits, howMany, now + config.maxDelay().toNanos()));
    }
  }

  /** What nothing was heard of is looked at. */
  private void ask(long now) throws WatcherRefusedException {
    while (!suspects.isEmpty() && suspects.peek().due() <= now) {
      Suspect suspect = suspects.remove();
      Directory directory = suspect.directory();
      if (directory.isGone()
          || directory.isDetached()
          || tree.dirty.find(directory, suspect.name()).isPresent()) {
        continue;
      }
      if (suspect.gone() > 0) {
        gone += suspect.gone();
        FoundGone.require(
            config,
            gone,
            Math.max(gone, counters.entriesAtMost()),
            RootState.IN_USE,
            DirectoryTable.pathOf(directory, suspect.name()).toString());
      }
      tree.dirty.now(
          directory, suspect.name(), suspect.bits() | Mark.SUSPECT, Cause.RECONCILE, now);
    }
  }
}
