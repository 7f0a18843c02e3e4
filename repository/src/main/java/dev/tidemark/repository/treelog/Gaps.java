package dev.tidemark.repository.treelog;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/** The union of a tree's gaps: which sequences are gone. */
public final class Gaps {
  static final Gaps NONE = Gaps.of(List.of());

  private final long[] firsts;
  private final long[] lasts;

  private Gaps(long[] firsts, long[] lasts) {
    this.firsts = firsts;
    this.lasts = lasts;
  }

  public static Gaps of(Collection<Gap> gaps) {
    List<long[]> ranges = new ArrayList<>();
    for (Gap gap : gaps.stream().sorted().toList()) {
      long[] before = ranges.isEmpty() ? null : ranges.getLast();
      if (before != null && gap.first() <= before[1] + 1) {
        before[1] = Math.max(before[1], gap.last());
      } else {
        ranges.add(new long[] {gap.first(), gap.last()});
      }
    }
    return new Gaps(
        ranges.stream().mapToLong(range -> range[0]).toArray(),
        ranges.stream().mapToLong(range -> range[1]).toArray());
  }

  /** Whether the change of this sequence is gone. */
  public boolean contains(long sequence) {
    return covers(sequence, sequence);
  }

  /** Whether all of these are gone. */
  public boolean covers(long first, long last) {
    int at = atOrBefore(first);
    return at >= 0 && lasts[at] >= last;
  }

  /** Whether any sequence from {@code first} to {@code last} is gone. */
  public boolean meets(long first, long last) {
    if (first > last) {
      return false;
    }
    int at = atOrBefore(last);
    return at >= 0 && lasts[at] >= first;
  }

  /** The last of these that is not gone; empty if all are. */
  OptionalLong lastKept(long first, long last) {
    int at = atOrBefore(last);
    long kept = at >= 0 && lasts[at] >= last ? firsts[at] - 1 : last;
    return kept < first ? OptionalLong.empty() : OptionalLong.of(kept);
  }

  /** Whether what follows {@code sequence} in the log is gone. */
  public boolean beginAfter(long sequence) {
    return passFrom(sequence) != sequence;
  }

  /** The sequence after which the log goes on behind {@code sequence}, gaps passed. */
  long passFrom(long sequence) {
    long passed = sequence;
    for (int at = 0; at < firsts.length; at++) {
      boolean directly = firsts[at] <= passed + 1 || Sequences.follows(passed, firsts[at]);
      if (lasts[at] > passed && directly) {
        passed = lasts[at];
      }
    }
    return passed;
  }

  public boolean isEmpty() {
    return firsts.length == 0;
  }

  /** First and last sequence of each run, ascending. */
  public List<long[]> ranges() {
    return LongStream.range(0, firsts.length)
        .mapToObj(at -> new long[] {firsts[(int) at], lasts[(int) at]})
        .toList();
  }

  private int atOrBefore(long sequence) {
    int low = 0;
    int high = firsts.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (firsts[middle] <= sequence) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }
}
