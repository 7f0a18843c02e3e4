package dev.tidemark.repository.retention;

import dev.tidemark.repository.retention.InstantSelection.Candidate;
import dev.tidemark.repository.retention.InstantSelection.Chosen;
import dev.tidemark.repository.retention.RetentionPlan.Range;
import dev.tidemark.repository.snapshot.SnapshotStore;
import dev.tidemark.repository.treelog.Gap;
import dev.tidemark.repository.treelog.Gaps;
import dev.tidemark.repository.treelog.LogListing;
import dev.tidemark.repository.treelog.LogSegment;
import dev.tidemark.repository.treelog.SealedChangeStream;
import dev.tidemark.repository.treelog.TreeLog;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.cursor.Cursor;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Plans what goes of one tree. Streams the log that is left, once; holds what is chosen. Writes
 * nothing. For one thread.
 */
final class RetentionPlanner {
  private final TreeLog log;
  private final SnapshotStore snapshots;
  private final Duration grace;

  RetentionPlanner(TreeLog log, SnapshotStore snapshots, Duration grace) {
    this.log = log;
    this.snapshots = snapshots;
    this.grace = grace;
  }

  /**
   * @param held sequences that must stay
   */
  RetentionPlan plan(RetentionPolicy policy, Set<Long> held, Cursor newest) throws IOException {
    // An owner of the log that was away a while may have to read what was sealed lately.
    Duration within = policy.within().compareTo(grace) < 0 ? grace : policy.within();
    long window = newest.logTimeMillis() - within.toMillis();
    TreeSet<Long> snapshotted = new TreeSet<>(snapshots.sequences());
    LogListing listing = log.list();
    InstantSelection selection = new InstantSelection(policy, window);
    new Walk(selection, held, listing.removed(), snapshotted).run();
    return plan(selection, window, listing, snapshotted);
  }

  /** Shows every instant that there is to a selection, oldest first. */
  private final class Walk {
    private final InstantSelection selection;
    private final Set<Long> held;
    private final Gaps removed;

    /** Snapshots whose change is no longer in the log. */
    private final TreeSet<Long> alone = new TreeSet<>();

    private boolean inFullScan;
    private long base;
    private long previous;

    Walk(InstantSelection selection, Set<Long> held, Gaps removed, Set<Long> snapshotted) {
      this.selection = selection;
      this.held = held;
      this.removed = removed;
      snapshotted.stream().filter(removed::contains).forEach(alone::add);
    }

    void run() throws IOException {
      try (SealedChangeStream changes = log.readKept()) {
        for (Optional<SealedChange> next = changes.next();
            next.isPresent();
            next = changes.next()) {
          showAlone(next.get().sequence());
          show(next.get());
        }
      }
      showAlone(Long.MAX_VALUE);
    }

    private void showAlone(long before) throws IOException {
      while (!alone.isEmpty() && alone.first() < before) {
        long sequence = alone.removeFirst();
        base = sequence;
        inFullScan = false;
        previous = sequence;
        selection.show(
            new Candidate(
                sequence,
                snapshots.read(sequence).logTimeMillis(),
                base,
                Optional.empty(),
                held.contains(sequence)));
      }
    }

    private void show(SealedChange change) {
      if (removed.meets(previous + 1, change.sequence() - 1)) {
        // What is left behind a gap begins at a snapshot, and none is taken inside a full scan.
        inFullScan = false;
      }
      previous = change.sequence();
      switch (change.change().body()) {
        case Change.ScanStarted(var kind) -> inFullScan = kind == Change.ScanKind.FULL;
        case Change.ScanCompleted _, Change.EpochStarted _ -> inFullScan = false;
        case Change.Put _,
            Change.Remove _,
            Change.Move _,
            Change.Exchange _,
            Change.Keep _,
            Change.Tag _,
            Change.Heartbeat _ -> {}
      }
      base = inFullScan ? base : change.sequence();
      Optional<String> tag =
          change.change().body() instanceof Change.Tag(var _, String label)
              ? Optional.of(label)
              : Optional.empty();
      selection.show(
          new Candidate(
              change.sequence(),
              change.logTimeMillis(),
              base,
              tag,
              held.contains(change.sequence())));
    }
  }

  private RetentionPlan plan(
      InstantSelection selection, long window, LogListing listing, TreeSet<Long> snapshotted) {
    long windowBase = selection.windowBase().orElse(0L);
    List<Chosen> chosen = selection.beforeWindow();
    TreeSet<Long> needed = new TreeSet<>();
    List<Range> visible = new ArrayList<>();
    for (Chosen instant : chosen) {
      if (instant.base() > 0) {
        needed.add(instant.base());
      }
      if (instant.base() < instant.sequence()) {
        visible.add(new Range(instant.base() + 1, instant.sequence()));
      } else if (instant.tagged()) {
        visible.add(new Range(instant.sequence(), instant.sequence()));
      }
    }
    if (windowBase > 0) {
      needed.add(windowBase);
    }
    List<Range> ranges = subtract(between(visible, windowBase), listing);
    List<LogSegment> going = covered(listing, ranges);
    return new RetentionPlan(
        log.tree(),
        chosen.stream()
            .map(c -> new KeptInstant(c.sequence(), c.logTimeMillis(), c.why()))
            .toList(),
        windowBase,
        window,
        needed.stream().filter(sequence -> !snapshotted.contains(sequence)).toList(),
        snapshotted.headSet(windowBase).stream()
            .filter(sequence -> !needed.contains(sequence))
            .toList(),
        ranges,
        going.size(),
        going.stream().mapToLong(LogSegment::bytes).sum());
  }

  /** What lies up to {@code last} and in none of the ranges. */
  private static List<Range> between(List<Range> visible, long last) {
    List<Range> between = new ArrayList<>();
    long next = 1;
    for (Range range : visible.stream().sorted(Comparator.comparingLong(Range::first)).toList()) {
      if (range.first() > next) {
        between.add(new Range(next, range.first() - 1));
      }
      next = Math.max(next, range.last() + 1);
    }
    if (next <= last) {
      between.add(new Range(next, last));
    }
    return between;
  }

  /** The parts that are not gone yet and in which a segment has anything. */
  private static List<Range> subtract(List<Range> wanted, LogListing listing) {
    List<Range> parts = new ArrayList<>();
    for (Range range : wanted) {
      long next = range.first();
      for (long[] gone : listing.removed().ranges()) {
        if (gone[1] < next || gone[0] > range.last()) {
          continue;
        }
        if (gone[0] > next) {
          parts.add(new Range(next, gone[0] - 1));
        }
        next = gone[1] + 1;
      }
      if (next <= range.last()) {
        parts.add(new Range(next, range.last()));
      }
    }
    return parts.stream()
        .filter(
            part ->
                listing.segments().stream()
                    .anyMatch(s -> s.first() <= part.last() && s.last() >= part.first()))
        .toList();
  }

  private List<LogSegment> covered(LogListing listing, List<Range> ranges) {
    List<Gap> gaps = new ArrayList<>(listing.gaps());
    ranges.forEach(range -> gaps.add(new Gap(log.tree(), range.first(), range.last(), 0)));
    Gaps after = Gaps.of(gaps);
    return listing.segments().stream()
        .filter(segment -> after.covers(segment.first(), segment.last()))
        .toList();
  }
}
