package dev.tidemark.store.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.repository.history.History.Pace;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class SnapshotMakerTest {
  private static final TreeName WEB = new TreeName("web");
  private static final TreeName DOCS = new TreeName("docs");

  private final BlockingQueue<TreeName> looks = new LinkedBlockingQueue<>();

  private void noteBusy(TreeName tree, Pace pace) {
    if (pace == Pace.BUSY) {
      looks.add(tree);
    }
  }

  private void assertLook(TreeName tree) throws InterruptedException {
    assertThat(looks.poll(30, TimeUnit.SECONDS)).isEqualTo(tree);
  }

  @Test
  void aTreeIsLookedAtWhenItFirstGrowsAndThenOnceThereAreManySegments() throws Exception {
    try (SnapshotMaker maker = new SnapshotMaker(this::noteBusy, Duration.ofMillis(1))) {
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
    try (SnapshotMaker maker = new SnapshotMaker(this::noteBusy, Duration.ofMillis(1))) {
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
        (tree, pace) -> {
          noteBusy(tree, pace);
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

  @Test
  void aTreeThatHasGrownByMuchIsLookedAtOnceMoreWhenItIsAtRest() throws Exception {
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    SnapshotMaker.Upkeep upkeep = (tree, pace) -> seen.add(tree + " " + pace);
    try (SnapshotMaker maker = new SnapshotMaker(upkeep, Duration.ofMillis(100))) {
      maker.logHasGrown(DOCS, 10, 1_000);
      maker.logHasGrown(WEB, 2_000, 1_000);

      assertThat(List.of(take(seen), take(seen), take(seen)))
          .containsExactlyInAnyOrder("docs BUSY", "web BUSY", "web AT_REST");

      // Neither again before it has grown once more, nor a tree that has grown by little.
      maker.logHasGrown(WEB, 1_999, 1_000);
      maker.logHasGrown(DOCS, 1_990, 1_000);
      assertThat(seen.poll(30, TimeUnit.SECONDS)).isEqualTo("docs AT_REST");
      maker.logHasGrown(WEB, 1, 1_000);
      assertThat(List.of(take(seen), take(seen)))
          .containsExactlyInAnyOrder("web BUSY", "web AT_REST");
    }
    assertThat(seen).isEmpty();
  }

  private static String take(BlockingQueue<String> seen) throws InterruptedException {
    return Objects.requireNonNull(seen.poll(30, TimeUnit.SECONDS));
  }
}
