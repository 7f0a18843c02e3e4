package dev.tidemark.cli.process;

import dev.tidemark.watcher.WatcherStatus;
import java.util.ArrayList;
import java.util.List;

/** What of a watcher's counts needs a look, in words. */
public final class WatcherTrouble {
  private WatcherTrouble() {}

  /** Empty if there is nothing. */
  public static String describe(WatcherStatus status) {
    List<String> counts = new ArrayList<>();
    add(counts, status.misses(), "missed by events");
    add(counts, status.overflows(), "event overflows");
    add(counts, status.unreadable(), "not readable");
    return String.join(", ", counts);
  }

  private static void add(List<String> counts, long count, String what) {
    if (count > 0) {
      counts.add(Amounts.count(count) + " " + what);
    }
  }
}
