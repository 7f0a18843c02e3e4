package dev.tidemark.watcher;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Cause;
import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.schemas.change.Epoch;
import dev.tidemark.schemas.cursor.Fault;
import dev.tidemark.schemas.cursor.Head;
import dev.tidemark.watcher.capture.CaptureMode;
import dev.tidemark.watcher.dirty.Directory;
import dev.tidemark.watcher.dirty.DirectoryTable;
import dev.tidemark.watcher.dirty.Mark;
import dev.tidemark.watcher.read.ReadTask;
import dev.tidemark.watcher.read.ReadTask.Item;
import dev.tidemark.watcher.read.Readers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that decides. Takes messages, and between them gives work to readers and changes
 * to the log; waits for nothing but its mailbox.
 */
final class Keeper {
  /** Entries of one directory looked at in one task. */
  private static final int GROUP = 32;

  /** Entries with readers, or waiting for the log, at a time. */
  private static final int LOOKS = 512;

  /** Messages taken before work is given out again. */
  private static final int TURN = 512;

  private static final long LONGEST_WAIT_NANOS = 1_000_000_000L;
  private static final long STOP_NANOS = 2_000_000_000L;

  private final WatcherConfig config;
  private final Mailbox mailbox;
  private final LiveTree tree;
  private final HandOver handOver;
  private final Passes passes;
  private final Verdicts verdicts;
  private final Renames renames;
  private final Absorber absorber;
  private final SettledTags settledTags;
  private final Reconciler reconciler;
  private final Readers readers;
  private final Counters counters;
  private final UUID changesTopic;
  private final Epoch epoch;
  private final ScanKind scan;
  private final Runnable onScanCompleted;
  private long nextUncovered;
  private long nextMountPoints;
  private long scanCompletedNumber = Long.MAX_VALUE;
  private boolean seenInHeads;
  private @Nullable Fault answered;
  private boolean stopping;
  private long stopBy;

  Keeper(
      WatcherConfig config,
      Mailbox mailbox,
      LiveTree tree,
      HandOver handOver,
      Passes passes,
      Verdicts verdicts,
      Reconciler reconciler,
      Readers readers,
      Counters counters,
      UUID changesTopic,
      Epoch epoch,
      ScanKind scan,
      Runnable onScanCompleted) {
    this.config = config;
    this.mailbox = mailbox;
    this.tree = tree;
    this.handOver = handOver;
    this.passes = passes;
    this.verdicts = verdicts;
    this.reconciler = reconciler;
    this.renames = new Renames(tree, handOver, passes);
    this.absorber = new Absorber(tree, renames, passes);
    this.settledTags = new SettledTags(handOver, passes);
    this.readers = readers;
    this.counters = counters;
    this.changesTopic = changesTopic;
    this.epoch = epoch;
    this.scan = scan;
    this.onScanCompleted = onScanCompleted;
    this.nextMountPoints = System.nanoTime();
    this.nextUncovered = System.nanoTime() + config.limits().retryUncovered().toNanos();
  }

  /**
   * Works until it is told to stop.
   *
   * @throws RestartException if a new epoch has to be begun
   * @throws WatcherFencedException if another writer has taken over
   */
  void run() throws IOException, InterruptedException, RestartException {
    while (!(stopping && mayStop())) {
      Message message = mailbox.take(stopping ? STOP_NANOS / 10 : untilDue());
      for (int taken = 0; message != null; taken++) {
        handle(message);
        message = taken < TURN ? mailbox.take(0) : null;
      }
      long now = System.nanoTime();
      if (!stopping) {
        renames.expire(now);
        verdicts.handOver(now);
        retryUncovered(now);
        lookAtMountPoints(now);
        settledTags.advance(now);
        reconciler.advance(now);
        passes.advance(now);
        dispatch(now);
        heartbeat(now);
      }
      handOver.flush();
      tree.published.commit();
      show();
    }
    tree.published.commit();
  }

  private boolean mayStop() {
    return handOver.unacknowledged() == 0 || System.nanoTime() - stopBy > 0;
  }

  private long untilDue() {
    long now = System.nanoTime();
    long due = Math.min(Math.min(renames.nextDue(), passes.nextDue()), reconciler.nextDue());
    if (tree.dirty.out() < LOOKS) {
      due = Math.min(due, tree.dirty.nextDue());
    }
    if (due == Long.MIN_VALUE) {
      return 0;
    }
    long most = Math.min(LONGEST_WAIT_NANOS, config.limits().heartbeat().toNanos());
    return due == Long.MAX_VALUE ? most : Math.clamp(due - now, 0, most);
  }

  private void handle(Message message) throws IOException, RestartException {
    long now = System.nanoTime();
    switch (message) {
      case Message.Events(var events) -> {
        if (!stopping) {
          absorber.absorb(events, now);
        }
      }
      case Message.EventsLost() -> absorber.lost();
      case Message.Inspected answer -> verdicts.add(answer);
      case Message.Found(var findings) -> {
        if (!stopping) {
          verdicts.requireReadable(findings);
          if (findings.scan().pass() == Reconciler.PASS) {
            reconciler.found(findings, now);
          } else {
            passes.found(findings, now);
          }
        }
      }
      case Message.Acknowledged(var sent, var offset, var logTime) -> {
        for (Change.Body body : handOver.acknowledged(sent, offset, logTime)) {
          if (body instanceof Change.ScanCompleted) {
            scanCompletedNumber = sent.number();
            counters.scanCompleted = true;
            onScanCompleted.run();
            reconciler.begin(now);
          }
        }
      }
      case Message.SendFailed(var sent, var cause) -> {
        if (!stopping) {
          throw RestartException.withDifferenceScan(
              "change %d was not acknowledged: %s".formatted(sent.number(), cause.getMessage()));
        }
      }
      case Message.HeadSeen(var head) -> seen(head, now);
      case Message.TopicsRemade() -> {
        if (!stopping) {
          // What is remembered of the old ones decides about the scan.
          throw RestartException.withDifferenceScan("the topics were made again");
        }
      }
      case Message.CompareWanted(var reason) -> passes.compare(reason);
      case Message.TagWanted(var tag, var done) -> handOver.tag(tag, done);
      case Message.SettledTagWanted(var tag, var done) -> {
        // Both halves of a rename that was done before have been read.
        renames.expireAll();
        if (counters.captureMode == CaptureMode.SCAN) {
          // No event tells what was done: comparing does, and the tag waits for it.
          passes.compare(Passes.Reason.INTERVAL);
        }
        settledTags.want(tag, done);
      }
      case Message.Broken(var cause) -> throw broken(cause);
      case Message.Stop() -> {
        stopping = true;
        stopBy = System.nanoTime() + STOP_NANOS;
      }
    }
  }

  private static IOException broken(Throwable cause) {
    return cause instanceof IOException io
        ? io
        : new IOException("the watcher's own work failed: " + cause, cause);
  }

  private void dispatch(long now) {
    List<Item> items = new ArrayList<>(GROUP);
    Directory directory = null;
    while (tree.dirty.out() < LOOKS) {
      Optional<Mark> next = tree.dirty.takeDue(now);
      if (next.isEmpty()) {
        break;
      }
      Mark mark = next.get();
      if (directory != null && (mark.directory() != directory || items.size() == GROUP)) {
        submit(directory, items);
        items = new ArrayList<>(GROUP);
      }
      directory = mark.directory();
      items.add(new Item(mark.ticket(), mark.name(), mark.bits(), watchedInode(mark)));
    }
    if (directory != null) {
      submit(directory, items);
    }
  }

  private static long watchedInode(Mark mark) {
    return mark.isRoot()
        ? 0
        : mark.directory()
            .child(mark.name())
            .filter(d -> d.isWatched() && !d.isDetached())
            .map(Directory::inode)
            .orElse(0L);
  }

  private void submit(Directory directory, List<Item> items) {
    readers.submit(
        new ReadTask.Look(
            directory.id(), DirectoryTable.pathOf(directory), directory.inode(), items));
  }

  private void retryUncovered(long now) {
    if (now - nextUncovered < 0) {
      return;
    }
    nextUncovered = now + config.limits().retryUncovered().toNanos();
    for (Directory directory : tree.uncovered()) {
      tree.check(directory, Mark.META, Cause.RECONCILE, now);
      passes.schedule(directory, 0);
    }
  }

  private void lookAtMountPoints(long now) {
    if (now - nextMountPoints >= 0) {
      nextMountPoints = now + LONGEST_WAIT_NANOS;
      tree.lookAtMountPoints(now);
    }
  }

  private void heartbeat(long now) {
    if (now - handOver.lastSentNanos() > config.limits().heartbeat().toNanos()
        && handOver.unacknowledged() == 0) {
      handOver.heartbeat();
    }
  }

  private void show() {
    counters.dirty = tree.dirty.size();
    counters.directories = tree.table.size();
    counters.watched = tree.table.watched();
    counters.uncovered = tree.uncoveredCount();
    counters.mountPoints = tree.mountPoints();
  }

  private void seen(Head head, long now) throws IOException, RestartException {
    if (!head.accepted().changesTopic().equals(changesTopic) || !head.accepted().hasEpoch()) {
      return;
    }
    Epoch accepted = head.accepted().epoch();
    if (accepted.equals(epoch)) {
      seenInHeads = true;
      answer(head, now);
      return;
    }
    // Before ours was accepted, heads tell of older epochs; afterwards of newer ones alone.
    if (seenInHeads || accepted.offset() > epoch.offset()) {
      throw new WatcherFencedException(
          ("tree %s: writer %s on host %s has begun a term at offset %d after ours at %d; nothing"
                  + " sent from here is accepted any more. Stop that one, or leave the tree to it;"
                  + " to write again from here start with --take-over.")
              .formatted(
                  config.tree(),
                  accepted.writer(),
                  head.accepted().host(),
                  accepted.offset(),
                  epoch.offset()));
    }
  }

  private void answer(Head head, long now) throws IOException, RestartException {
    Fault fault = head.accepted().fault();
    switch (fault.kind()) {
      case LOST_TAIL, LOST_RANGE -> {
        boolean healing = scan == ScanKind.FULL && head.accepted().number() < scanCompletedNumber;
        if (!healing) {
          throw RestartException.withFullScan("the log has lost changes: " + fault.detail());
        }
      }
      case GAP -> throw RestartException.withDifferenceScan(fault.detail());
      case NONE, MISSING_CHUNK, STALE_FRAME, DISAGREEMENT -> {}
    }
    Fault sealing = head.sealingFault();
    switch (sealing.kind()) {
      case MISSING_CHUNK, STALE_FRAME -> {
        if (!sealing.equals(answered)) {
          answered = sealing;
          verdicts.resend(sealing.path(), sealing.chunks(), now);
        }
      }
      case NONE, GAP, LOST_TAIL, LOST_RANGE, DISAGREEMENT -> {}
    }
  }
}
