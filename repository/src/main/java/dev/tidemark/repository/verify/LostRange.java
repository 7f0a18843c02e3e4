package dev.tidemark.repository.verify;

import dev.tidemark.repository.treelog.LogListing;
import dev.tidemark.repository.treelog.LogSegment;
import dev.tidemark.repository.treelog.Sequences;
import dev.tidemark.schemas.cursor.Cursor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** Sequences, of one incarnation, that were sealed and that no whole segment holds. */
record LostRange(long first, long last) {
  /**
   * Finds those of a tree.
   *
   * @param damaged segments that are there and cannot be read
   * @param before the sequence before the tree's first
   * @param sealed the newest that is known to have been sealed, by whatever tells
   */
  static List<LostRange> find(
      LogListing listing, Set<LogSegment> damaged, long before, long sealed) {
    List<LostRange> there = covered(listing, damaged);
    List<LostRange> lost = new ArrayList<>();
    long previous = before;
    for (LostRange run : there) {
      if (run.first() > previous && !Sequences.follows(previous, run.first())) {
        lost.add(new LostRange(afterOrBase(previous, run.first()), run.first() - 1));
      }
      previous = Math.max(previous, run.last());
    }
    if (sealed > previous) {
      lost.add(new LostRange(afterOrBase(previous, sealed), sealed));
    }
    for (LogSegment segment : damaged) {
      lost.addAll(new LostRange(segment.first(), segment.last()).without(there));
    }
    return joined(lost);
  }

  /** What whole segments hold, and what is gone. */
  static List<LostRange> covered(LogListing listing, Set<LogSegment> damaged) {
    List<LostRange> there = new ArrayList<>();
    for (LogSegment segment : listing.segments()) {
      if (!damaged.contains(segment)) {
        there.add(new LostRange(segment.first(), segment.last()));
      }
    }
    for (long[] run : listing.removed().ranges()) {
      there.add(new LostRange(run[0], run[1]));
    }
    return joined(there);
  }

  /** The first sequence behind {@code previous} in the incarnation of {@code sequence}. */
  private static long afterOrBase(long previous, long sequence) {
    return Math.max(previous, baseOf(sequence)) + 1;
  }

  /** The sequence before the first of an incarnation. */
  static long baseOf(long sequence) {
    return (sequence - 1) / Cursor.INCARNATION * Cursor.INCARNATION;
  }

  /** What is left of it without others, which are sorted and do not touch each other. */
  List<LostRange> without(List<LostRange> others) {
    List<LostRange> left = new ArrayList<>();
    long from = first;
    for (LostRange other : others) {
      if (other.last >= from && other.first <= last) {
        if (other.first > from) {
          left.add(new LostRange(from, other.first - 1));
        }
        from = other.last + 1;
      }
    }
    if (from <= last) {
      left.add(new LostRange(from, last));
    }
    return left;
  }

  /** Sorted, with those that touch or overlap as one. */
  static List<LostRange> joined(List<LostRange> ranges) {
    List<LostRange> joined = new ArrayList<>();
    for (LostRange range :
        ranges.stream().sorted(Comparator.comparingLong(LostRange::first)).toList()) {
      LostRange before = joined.isEmpty() ? null : joined.getLast();
      boolean touches =
          before != null
              && range.first() <= before.last() + 1
              && baseOf(range.first()) == baseOf(before.first());
      if (before != null && touches) {
        joined.set(
            joined.size() - 1,
            new LostRange(before.first(), Math.max(before.last(), range.last())));
      } else {
        joined.add(range);
      }
    }
    return joined;
  }
}
