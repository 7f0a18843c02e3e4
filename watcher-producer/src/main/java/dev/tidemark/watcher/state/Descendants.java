package dev.tidemark.watcher.state;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Counts what is published below a directory, by the state store alone. From any thread. */
public final class Descendants {
  private Descendants() {}

  /** How many entries the state store has below a directory, itself not counted. */
  public static long count(StateStore store, long directory) throws IOException {
    long count = 0;
    Deque<Long> left = new ArrayDeque<>(List.of(directory));
    while (!left.isEmpty()) {
      try (StateStore.StoredEntries stored = store.list(left.pop())) {
        while (stored.next()) {
          count++;
          long id = stored.record().directoryId();
          if (id != 0) {
            left.push(id);
          }
        }
      }
    }
    return count;
  }
}
