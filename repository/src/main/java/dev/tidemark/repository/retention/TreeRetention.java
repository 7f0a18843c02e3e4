package dev.tidemark.repository.retention;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.history.At;
import dev.tidemark.repository.history.History;
import dev.tidemark.repository.history.NoSuchInstantException;
import dev.tidemark.repository.retention.RetentionPlan.Range;
import dev.tidemark.repository.snapshot.SnapshotStore;
import dev.tidemark.repository.treelog.Gap;
import dev.tidemark.repository.treelog.Gaps;
import dev.tidemark.repository.treelog.LogCompaction;
import dev.tidemark.repository.treelog.LogListing;
import dev.tidemark.repository.treelog.LogSegment;
import dev.tidemark.repository.treelog.TreeLog;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Cursor;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Retention of one tree. A run goes in steps, each of which may be the last before a crash:
 *
 * <ol>
 *   <li>snapshots of the instants that are kept, where there are none;
 *   <li>gaps: what is not kept leaves the log, for every reader that begins from now on;
 *   <li>a look at the holds: a gap over one that came meanwhile is taken back;
 *   <li>snapshots that nobody needs are deleted;
 *   <li>segments are deleted that lie wholly in gaps of a grace ago;
 *   <li>gaps that touch become one, once nothing is left to delete in them.
 * </ol>
 *
 * Nothing of a kept instant is ever gone between two steps. For one thread.
 */
public final class TreeRetention {
  private static final Logger logger = LoggerFactory.getLogger(TreeRetention.class);

  private final TreeName tree;
  private final TreeLog log;
  private final SnapshotStore snapshots;
  private final History history;
  private final Holds holds;
  private final Duration grace;
  private final LogCompaction compaction;

  /**
   * @param grace how long what left the history stays readable for those who have begun
   */
  public TreeRetention(Repository repository, TreeName tree, Duration grace) {
    this.tree = tree;
    this.log = repository.log(tree);
    this.compaction = repository.compaction(tree);
    this.snapshots = repository.snapshots(tree);
    this.history = repository.history(tree);
    this.holds = new Holds(repository.store(), tree);
    this.grace = grace;
  }

  /** The holds on this tree. */
  public Holds holds() {
    return holds;
  }

  /**
   * What {@link #apply} would do now. Empty if nothing of the tree is sealed.
   *
   * @throws IOException if the log cannot be read whole; nothing may be taken out of it then
   */
  public Optional<RetentionPlan> plan(RetentionPolicy policy) throws IOException {
    Optional<Cursor> newest = history.resumePoint();
    return newest.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new RetentionPlanner(log, snapshots, grace)
                .plan(policy, holds.sequences(), newest.get()));
  }

  /**
   * Does what a plan says: steps 1 to 4.
   *
   * @param plan made by this object; other runs may have begun meanwhile
   */
  public RetentionReport apply(RetentionPlan plan) throws IOException {
    int made = new KeptSnapshots(log, snapshots).make(plan.snapshotsToMake());
    for (Range range : plan.ranges()) {
      log.addGap(range.first(), range.last());
    }
    int takenBack = takeBackHeld(plan);
    int deleted = 0;
    // A hold that came meanwhile may need a snapshot that the plan did not; the next run knows.
    if (takenBack == 0 && !isNewlyHeld(plan)) {
      for (long sequence : plan.snapshotsToDelete()) {
        snapshots.delete(sequence);
        deleted++;
      }
    }
    if (!plan.isEmpty()) {
      logger
          .atInfo()
          .addKeyValue("tree", tree)
          .addKeyValue("instantsKept", plan.kept().size())
          .addKeyValue("ranges", plan.ranges().size())
          .addKeyValue("snapshotsMade", made)
          .addKeyValue("snapshotsDeleted", deleted)
          .log("retention applied");
    }
    return new RetentionReport(made, deleted, plan.ranges().size(), takenBack, 0, 0);
  }

  private int takeBackHeld(RetentionPlan plan) throws IOException {
    Set<Long> held = unprotected(plan);
    int takenBack = 0;
    for (Range range : plan.ranges()) {
      if (held.stream().anyMatch(range::contains)) {
        log.removeGap(new Gap(tree, range.first(), range.last(), 0));
        takenBack++;
      }
    }
    return takenBack;
  }

  private boolean isNewlyHeld(RetentionPlan plan) throws IOException {
    return !unprotected(plan).isEmpty();
  }

  /** Holds that the plan did not know. */
  private Set<Long> unprotected(RetentionPlan plan) throws IOException {
    Set<Long> held = new TreeSet<>(holds.sequences());
    plan.kept().forEach(instant -> held.remove(instant.sequence()));
    held.removeIf(sequence -> sequence >= plan.windowBase());
    // A hold on what was gone before is refused, and is on its way out.
    held.removeIf(sequence -> plan.ranges().stream().noneMatch(r -> r.contains(sequence)));
    held.addAll(holds.sequences().stream().filter(plan.snapshotsToDelete()::contains).toList());
    return held;
  }

  /**
   * Deletes what left the log a grace ago, steps 5 and 6, and before it what was merged.
   *
   * @param nowMillis by the store's clock
   */
  public RetentionReport sweep(long nowMillis) throws IOException {
    compaction.forget(nowMillis);
    LogListing listing = log.list();
    TreeSet<Long> whole = new TreeSet<>(snapshots.sequences());
    Set<Long> held = holds.sequences();
    List<Gap> aged = new ArrayList<>();
    for (Gap gap : listing.gaps()) {
      boolean isHeld =
          held.stream().anyMatch(sequence -> gap.contains(sequence) && !whole.contains(sequence));
      if (!isHeld && gap.sinceMillis() <= nowMillis - grace.toMillis()) {
        aged.add(gap);
      }
    }
    Gaps due = Gaps.of(aged);
    int deleted = 0;
    long bytes = 0;
    for (LogSegment segment : listing.segments()) {
      if (due.covers(segment.first(), segment.last())) {
        log.delete(segment);
        deleted++;
        bytes += segment.bytes();
      }
    }
    join(aged);
    return new RetentionReport(0, 0, 0, 0, deleted, bytes);
  }

  /** Puts the whole before it deletes the parts: at no moment is anything less than gone. */
  private void join(List<Gap> aged) throws IOException {
    for (long[] run : Gaps.of(aged).ranges()) {
      List<Gap> parts =
          aged.stream().filter(gap -> run[0] <= gap.first() && gap.last() <= run[1]).toList();
      if (parts.size() > 1) {
        log.addGap(run[0], run[1]);
        for (Gap part : parts) {
          if (part.first() != run[0] || part.last() != run[1]) {
            log.removeGap(part);
          }
        }
      }
    }
  }

  /**
   * Holds an instant until it is released; durable on return.
   *
   * @param note why, for people
   * @throws HeldInstantException if it cannot be restored now; nothing is held then
   */
  public void hold(long sequence, String note) throws IOException {
    BlobName hold = holds.put(sequence, note);
    try {
      history.at(new At.Sequence(sequence));
    } catch (NoSuchInstantException e) {
      holds.remove(hold);
      throw new HeldInstantException(
          "Change %d of tree %s cannot be held: %s".formatted(sequence, tree, e.getMessage()), e);
    }
  }

  /** Ends all holds of an instant; returns how many there were. */
  public int release(long sequence) throws IOException {
    return holds.release(sequence);
  }
}
