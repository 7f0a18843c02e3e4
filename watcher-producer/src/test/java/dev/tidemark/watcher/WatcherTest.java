package dev.tidemark.watcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.ScanKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SharedLog.class)
class WatcherTest {
  @TempDir Path folder;
  private final TestLog log;

  WatcherTest(TestLog log) {
    this.log = log;
  }

  private WatchedTree tree(String name) throws Exception {
    return new WatchedTree(log, folder, name);
  }

  @Test
  void firstScanPublishesTheTreeBetweenItsMarks() throws Exception {
    try (WatchedTree tree = tree("first-scan")) {
      tree.write("a/b/c.txt", "deep");
      tree.write("top.txt", "");
      Files.createSymbolicLink(tree.path("link"), Path.of("a/b"));

      tree.start();
      tree.awaitIdentical();

      assertThat(tree.view.accepted().getFirst().body()).isInstanceOf(Change.EpochStarted.class);
      assertThat(tree.view.accepted().get(1).body())
          .isEqualTo(new Change.ScanStarted(ScanKind.DIFFERENCE));
      tree.view.await(
          "the end of the scan",
          () ->
              tree.view.accepted().stream()
                  .anyMatch(c -> c.body().equals(new Change.ScanCompleted(ScanKind.DIFFERENCE))));
      assertThat(tree.view.rejected()).isEmpty();
      assertThat(tree.view.gaps()).isEmpty();
    }
  }

  @Test
  void everyKindOfLiveChangeReachesTheLog() throws Exception {
    try (WatchedTree tree = tree("live").start()) {
      tree.write("new.txt", "one");
      tree.awaitIdentical();
      tree.write("new.txt", "two, longer");
      tree.awaitIdentical();
      tree.write("x/y/z/deep.txt", "made with its directories");
      tree.awaitIdentical();
      Files.delete(tree.path("new.txt"));
      tree.awaitIdentical();
      tree.deleteTree("x");
      tree.awaitIdentical();
      Files.createSymbolicLink(tree.path("s"), Path.of("nowhere"));
      tree.awaitIdentical();
      Files.move(
          tree.write("tmp", "saved atomically"),
          tree.path("saved"),
          StandardCopyOption.ATOMIC_MOVE);
      tree.awaitIdentical();
      assertThat(tree.view.gaps()).isEmpty();
    }
  }
}
