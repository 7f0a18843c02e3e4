package dev.tidemark.store.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class SnapshotMakerTest {
  private static final TreeName WEB = new TreeName("web");
  private static final TreeName DOCS = new TreeName("docs");

  private final BlockingQueue<TreeName> looks = new LinkedBlockingQueue<>();

  private void assertLook(TreeName tree) throws InterruptedException {
    assertThat(looks.poll(30, TimeUnit.SECONDS)).isEqualTo(tree);
  }

  @Test
  void aTreeIsLookedAtWhenItFirstGrowsAndThenOnceThereAreManySegments() throws Exception {
    try (SnapshotMaker maker = new SnapshotMaker(looks::add, Duration.ofMillis(1))) {
      maker.logHasGrown(WEB, 1, 1_000);
      assertLook(WEB);

      for (int i = 0; i < 63; i++) {
        maker.logHasGrown(WEB, 1, 1_000);
      }
      // The other tree's first segment comes after them: no look at this one stands before it.
      maker.logHasGrown(DOCS, 1, 1_000);
      assertLook(DOCS);
      maker.logHasGrown(WEB, 1, 1_000);
      assertLook(WEB);
    }
    assertThat(looks).isEmpty();
  }

  @Test
  void aLogThatGrowsByMuchAtOnceIsLookedAtAgain() throws Exception {
    try (SnapshotMaker maker = new SnapshotMaker(looks::add, Duration.ofMillis(1))) {
      maker.logHasGrown(WEB, 1, 1_000);
      assertLook(WEB);

      maker.logHasGrown(WEB, 2_000, 1_000);
      assertLook(WEB);
      maker.logHasGrown(WEB, 1, 1 << 20);
      assertLook(WEB);
    }
  }

  @Test
  void aFailureIsShownUntilTheNextSuccess() throws Exception {
    AtomicBoolean failing = new AtomicBoolean(true);
    SnapshotMaker.Upkeep upkeep =
        tree -> {
          looks.add(tree);
          if (failing.get()) {
            throw new IOException("planned");
          }
        };
    try (SnapshotMaker maker = new SnapshotMaker(upkeep, Duration.ofMillis(1))) {
      maker.logHasGrown(WEB, 1, 1_000);
      assertLook(WEB);
      maker.logHasGrown(WEB, 2_000, 1_000);
      assertLook(WEB);
      assertThat(maker.lastError()).hasValueSatisfying(e -> assertThat(e).contains("planned"));

      failing.set(false);
      maker.logHasGrown(WEB, 2_000, 1_000);
      assertLook(WEB);
      maker.logHasGrown(WEB, 2_000, 1_000);
      assertLook(WEB);
      assertThat(maker.lastError()).isEmpty();
    }
  }
}
