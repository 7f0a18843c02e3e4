package dev.tidemark.watcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens around a watcher while files change. */
class InterruptionTest {
  private static final int DIRTY_BOUND = 200;

  @TempDir Path folder;

  @Test
  void aBrokerThatIsAwayUnderLoadCostsNothingButTime() throws Exception {
    stayAwayUnderLoad(Duration.ofSeconds(4));
  }

  /** Longer than what clients give up after by default. */
  @Test
  @Tag("soak")
  void aBrokerThatIsAwayForMinutesUnderLoadCostsNothingButTime() throws Exception {
    stayAwayUnderLoad(Duration.ofMinutes(4));
  }

  private void stayAwayUnderLoad(Duration away) throws Exception {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    try (TestLog log = TestLog.start(folder.resolve("broker"), TestLog.SMALL_CHUNKS);
        WatchedTree tree =
            new WatchedTree(log, folder, "away")
                .configure(
                    c -> c.with(c.limits().withDirtyEntries(DIRTY_BOUND).withUnacknowledged(64, 8)))
                .start()) {
      Churn churn = new Churn(tree.root, folder.resolve("outside"), seed);
      churn.run(50);
      tree.awaitIdentical();

      log.stopBroker();
      int most = 0;
      long until = System.nanoTime() + away.toNanos();
      for (int round = 0; System.nanoTime() < until; round++) {
        churn.run(20);
        for (int i = 0; i < 50; i++) {
          tree.write("load" + round + "/f" + i % 7 + "/g" + i, "text " + i);
        }
        Files.move(tree.path("load" + round), folder.resolve("outside/load" + round));
        most = Math.max(most, tree.status().dirtyEntries());
        assertThat(tree.watcher().failure()).isNotDone();
      }
      log.startBroker();

      tree.awaitIdentical();
      assertThat(tree.view.gaps()).isEmpty();
      assertThat(tree.view.rejected()).isEmpty();
      // What may go past the bound are marks of directories, of which each is there once.
      assertThat(most).isLessThan(DIRTY_BOUND + tree.status().directories() + 1);
    }
  }

  @Test
  void aClockSetBackLosesAndRepeatsNothing() throws Exception {
    AtomicReference<Duration> shift = new AtomicReference<>(Duration.ZERO);
    InstantSource clock = () -> Instant.now().plus(shift.get());
    try (TestLog log = TestLog.start(folder.resolve("broker"), TestLog.SMALL_CHUNKS);
        WatchedTree tree = new WatchedTree(log, folder, "clock")) {
      Environment process = tree.environment();
      tree.in(process.withClock(clock));
      tree.write("before", "one");
      tree.start();
      tree.awaitIdentical();

      shift.set(Duration.ofHours(-3));
      tree.write("before", "two, by a clock of three hours ago");
      tree.write("made", "then");
      tree.awaitIdentical();
      Files.delete(tree.path("made"));
      tree.write("before", "33");
      tree.awaitIdentical();
      tree.stop();

      tree.view.read();
      int before = tree.view.accepted().size();
      tree.start();
      tree.stop();
      tree.view.read();
      assertThat(tree.view.bodies(before)).isEmpty();

      shift.set(Duration.ofDays(2));
      tree.write("before", "44");
      tree.start();
      tree.awaitIdentical();
      assertThat(tree.view.gaps()).isEmpty();
      assertThat(tree.view.rejected()).isEmpty();
    }
  }
}
