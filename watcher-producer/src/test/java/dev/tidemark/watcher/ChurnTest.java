package dev.tidemark.watcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.watcher.state.InodeIndexCheck;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random work on a watched folder; the log must end as the folder does. Seeds: {@code
 * -Dtidemark.seed=}.
 */
@ExtendWith(SharedLog.class)
class ChurnTest {
  @TempDir Path folder;

  private static long seed() {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    return seed;
  }

  @Test
  void logEndsAsTheFolderDoesAfterRandomChanges(TestLog log) throws Exception {
    long seed = seed();
    try (WatchedTree tree = new WatchedTree(log, folder, "churn").start()) {
      Churn churn = new Churn(tree.root, folder.resolve("outside"), seed);
      for (int round = 0; round < 4; round++) {
        churn.run(120);
        tree.awaitIdentical();
      }
      assertThat(tree.view.gaps()).isEmpty();
      assertThat(tree.view.rejected()).isEmpty();
      tree.stop();
      assertThat(InodeIndexCheck.differences(tree.state)).isEmpty();
    }
  }

  @Test
  void logEndsAsTheFolderDoesWhenTheWatcherIsKilledInBetween(TestLog log) throws Exception {
    long seed = seed();
    try (WatchedTree tree = new WatchedTree(log, folder, "churn-kill").begin()) {
      Churn churn = new Churn(tree.root, folder.resolve("outside"), seed);
      for (int round = 0; round < 4; round++) {
        churn.run(60);
        tree.kill();
        churn.run(30);
        tree.begin();
        churn.run(30);
        tree.watcher().awaitScanCompleted(WatchedTree.PATIENCE);
        tree.awaitIdentical();
      }
      assertThat(tree.view.gaps()).isEmpty();
      tree.kill();
      assertThat(InodeIndexCheck.differences(tree.state)).isEmpty();
    }
  }

  @Test
  void logEndsAsTheFolderDoesWhenEventsAreLost(TestLog log) throws Exception {
    long seed = seed();
    try (WatchedTree tree =
        new WatchedTree(log, folder, "churn-overflow")
            .configure(c -> c.with(c.limits().withQueuedEvents(40)))
            .start()) {
      Churn churn = new Churn(tree.root, folder.resolve("outside"), seed);
      for (int round = 0; round < 4; round++) {
        churn.run(150);
        tree.awaitIdentical();
      }
      assertThat(tree.view.gaps()).isEmpty();
    }
  }

  @Test
  void logEndsAsTheFolderDoesWithinTightBounds(TestLog log) throws Exception {
    long seed = seed();
    try (WatchedTree tree =
        new WatchedTree(log, folder, "churn-tight")
            .configure(c -> c.with(c.limits().withDirtyEntries(8).withUnacknowledged(2, 1)))
            .start()) {
      Churn churn = new Churn(tree.root, folder.resolve("outside"), seed);
      for (int round = 0; round < 4; round++) {
        churn.run(100);
        tree.awaitIdentical();
      }
      assertThat(tree.view.gaps()).isEmpty();
    }
  }
}
