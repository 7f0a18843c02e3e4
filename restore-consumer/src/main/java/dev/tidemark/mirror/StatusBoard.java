package dev.tidemark.mirror;

import dev.tidemark.mirror.MirrorStatus.Phase;
import dev.tidemark.schemas.cursor.CommandReport;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.tree.TreeDigest;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What the mirror's thread tells the others. Thread-safe. */
final class StatusBoard {
  private final InstantSource clock;
  private MirrorStatus status = new MirrorStatus(Phase.STARTING, 0, 0, 0, 0, 0, "", "");
  private String failure = "";
  private String fault = "";
  private String blocked = "";
  private @Nullable Cursor cursor;
  private CommandReport command = CommandReport.NONE;
  private Subset subset = Subset.ALL;
  private boolean subsetChanges;
  private long beginnings;
  private long drifted;
  private String unheard = "";
  private Gaps gaps = new Gaps(0, "");
  private boolean closing;

  StatusBoard(InstantSource clock) {
    this.clock = clock;
  }

  synchronized MirrorStatus status() {
    return status;
  }

  synchronized void phase(Phase phase) {
    set(phase, status.lagMillis(), status.durableSequence(), status.rejectedChanges());
  }

  /** Up to where all is visible; empty before that is known. */
  synchronized Optional<Cursor> cursor() {
    return Optional.ofNullable(cursor);
  }

  /**
   * All up to this cursor is visible; nothing stands in the way any more.
   *
   * @param digest of the tree there
   */
  synchronized void applied(Cursor newCursor, long appendedMillis, TreeDigest digest) {
    cursor = newCursor;
    failure = "";
    fault = cursor.fault().isNone() ? blocked : cursor.fault().detail();
    long lag = appendedMillis == 0 ? status.lagMillis() : clock.millis() - appendedMillis;
    status =
        new MirrorStatus(
            status.phase(),
            cursor.sequence(),
            cursor.logTimeMillis(),
            status.durableSequence(),
            Math.max(0, lag),
            status.rejectedChanges(),
            digest.toString(),
            fault);
    notifyAll();
  }

  /**
   * The target stands at a sequence, from which nothing is followed.
   *
   * @param durable the sequence that survives a power loss
   */
  synchronized void held(long sequence, long logTimeMillis, long durable, TreeDigest digest) {
    failure = "";
    status =
        new MirrorStatus(
            Phase.HELD,
            sequence,
            logTimeMillis,
            durable,
            status.lagMillis(),
            status.rejectedChanges(),
            digest.toString(),
            fault);
    notifyAll();
  }

  /**
   * What of the tree stands in the target.
   *
   * @param changes whether it is still made so
   */
  synchronized void subset(Subset newSubset, boolean changes) {
    subset = newSubset;
    subsetChanges = changes;
  }

  synchronized Subset subset() {
    return subset;
  }

  /** The digest of what stands in the target; empty if that is not all of the tree. */
  synchronized String digest() {
    return subset.isAll() && !subsetChanges ? status.digest() : "";
  }

  /** Entries were found that somebody else had changed. */
  synchronized void drifted(long entries) {
    drifted += entries;
    notifyAll();
  }

  /** Why no event tells of them; empty if they do, or none are wanted. */
  synchronized void unheard(String why) {
    unheard = why;
  }

  synchronized String unheard() {
    return unheard;
  }

  /** How many, since the start. */
  synchronized long drifted() {
    return drifted;
  }

  /** Some of the log is missing; nothing if the detail is empty. */
  synchronized void gap(String detail) {
    if (!detail.isEmpty()) {
      gaps = new Gaps(gaps.count() + 1, detail);
    }
  }

  synchronized Gaps gaps() {
    return gaps;
  }

  synchronized CommandReport command() {
    return command;
  }

  synchronized void command(CommandReport report) {
    command = report;
    notifyAll();
  }

  /** One more entry was dealt with. */
  synchronized void passedEntry() {
    if (command.state() == CommandReport.State.WORKING) {
      command =
          new CommandReport(command.id(), command.state(), command.entries() + 1, command.detail());
    }
  }

  /** Why some paths are not what was applied; empty if all are. */
  synchronized void blocked(String why) {
    if (!why.equals(blocked)) {
      fault = fault.isEmpty() || fault.equals(blocked) ? why : fault;
      blocked = why;
      set(status.phase(), status.lagMillis(), status.durableSequence(), status.rejectedChanges());
    }
  }

  /** What was durable counts no longer: target and state are begun anew. */
  synchronized void beginAnew() {
    beginnings++;
  }

  synchronized long beginnings() {
    return beginnings;
  }

  /** Records something of before, unless all has been begun anew since. */
  interface Recording {
    void record() throws IOException;
  }

  /** From {@link #beginAnew} on nothing older is recorded. */
  synchronized void durable(long beginning, long sequence, Recording recording) throws IOException {
    if (beginning == beginnings) {
      recording.record();
      durable(sequence);
    }
  }

  synchronized void durable(long sequence) {
    set(status.phase(), status.lagMillis(), sequence, status.rejectedChanges());
  }

  synchronized void rejected(long count) {
    set(
        status.phase(),
        status.lagMillis(),
        status.durableSequence(),
        status.rejectedChanges() + count);
  }

  synchronized void failed(String why) {
    failure = why;
    set(status.phase(), status.lagMillis(), status.durableSequence(), status.rejectedChanges());
  }

  private void set(Phase phase, long lag, long durable, long rejected) {
    status =
        new MirrorStatus(
            phase,
            status.appliedSequence(),
            status.appliedLogTimeMillis(),
            durable,
            lag,
            rejected,
            status.digest(),
            failure.isEmpty() ? fault : failure);
    notifyAll();
  }

  synchronized void close() {
    closing = true;
    notifyAll();
  }

  synchronized boolean isClosing() {
    return closing;
  }

  /** Waits for some time, or until the mirror is to close. */
  synchronized void pause(Duration time) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    while (!closing && System.nanoTime() < end) {
      wait(millisUntil(end));
    }
  }

  synchronized void awaitApplied(long sequence, Duration timeout)
      throws InterruptedException, TimeoutException {
    long end = System.nanoTime() + timeout.toNanos();
    while (status.appliedSequence() < sequence) {
      if (closing || System.nanoTime() >= end) {
        throw new TimeoutException(
            "change %d is not applied%s: %s"
                .formatted(
                    sequence, closing ? ", the mirror is closed" : " after " + timeout, status));
      }
      wait(millisUntil(end));
    }
  }

  private static long millisUntil(long end) {
    return Math.max(1, (end - System.nanoTime()) / 1_000_000);
  }
}
