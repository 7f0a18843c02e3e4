package dev.tidemark.watcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.watcher.MaxRemovals.RootState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SharedLog.class)
final class MaxRemovalsTest {
  @TempDir Path folder;
  private final TestLog log;

  MaxRemovalsTest(TestLog log) {
    this.log = log;
  }

  private static WatchedTree allow(WatchedTree tree, MaxRemovals max) {
    return tree.configure(config -> config.with(config.control().with(max)));
  }

  @Test
  void theDefaultStopsEmptiedRootsAndLossesOfMoreThanHalf() {
    assertThat(MaxRemovals.USUAL.allows(3, 3, RootState.EMPTY)).isFalse();
    assertThat(MaxRemovals.USUAL.allows(3, 3, RootState.IN_USE)).isTrue();
    assertThat(MaxRemovals.USUAL.allows(1_000, 1_001, RootState.IN_USE)).isTrue();
    assertThat(MaxRemovals.USUAL.allows(1_001, 2_000, RootState.IN_USE)).isFalse();
    assertThat(MaxRemovals.USUAL.allows(1_001, 2_002, RootState.IN_USE)).isTrue();
  }

  @Test
  void aCountAndAShareAreRead() {
    assertThat(MaxRemovals.parse("5000")).isEqualTo(new MaxRemovals.Count(5000));
    assertThat(MaxRemovals.parse("100%").allows(7, 7, RootState.EMPTY)).isTrue();
    assertThat(MaxRemovals.parse("20%").allows(3, 10, RootState.IN_USE)).isFalse();
    assertThatThrownBy(() -> MaxRemovals.parse("many"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"many\"");
    assertThatThrownBy(() -> MaxRemovals.parse("101%"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aRootThatWasEmptiedWhileNobodyWatchedIsNotPublishedAsSuch() throws Exception {
    try (WatchedTree tree = new WatchedTree(log, folder, "unmounted")) {
      tree.write("a/b/f", "text");
      tree.start();
      tree.stop();
      tree.view.read();
      int before = tree.view.accepted().size();
      Path mounted = folder.resolve("mounted");
      Files.move(tree.root, mounted);
      Files.createDirectory(tree.root);

      assertThatThrownBy(tree::start)
          .isInstanceOf(WatcherRefusedException.class)
          .hasMessageContaining("3 of 3 published entries are gone")
          .hasMessageContaining("for example a")
          .hasMessageContaining("--max-removals 3");
      tree.view.read();
      assertThat(tree.view.accepted()).hasSize(before);

      Files.delete(tree.root);
      Files.move(mounted, tree.root);
      tree.start();
      tree.awaitIdentical();
      tree.stop();
      tree.deleteTree("a");
      allow(tree, new MaxRemovals.Count(3)).start();
      tree.awaitIdentical();
    }
  }

  @Test
  void anEmptyRootIsRefusedAlsoWhenTheStateIsLost() throws Exception {
    try (WatchedTree tree = new WatchedTree(log, folder, "lost-state")) {
      tree.write("f", "text");
      tree.start();
      tree.stop();
      tree.view.read();
      tree.log.publish(tree.view.head(0));
      WatchedTree.deleteTree(tree.state);
      Files.delete(tree.path("f"));

      assertThatThrownBy(() -> tree.configure(c -> c.with(TakeOver.FORCE)).start())
          .isInstanceOf(WatcherRefusedException.class)
          .hasMessageContaining("nothing stands in")
          .hasMessageContaining("--max-removals 100%");
    }
  }

  /** A directory inside the tree whose filesystem is not mounted is another, empty directory. */
  @Test
  void pastTheBoundAScanRemovesNothingAtAll() throws Exception {
    try (WatchedTree tree = new WatchedTree(log, folder, "bound")) {
      for (int i = 0; i < 20; i++) {
        tree.write("mount/sub/f" + i, "text " + i);
        tree.write("other/f" + i, "text " + i);
      }
      tree.start();
      tree.stop();
      tree.view.read();
      int before = tree.view.accepted().size();
      Files.move(tree.path("mount"), folder.resolve("kept"));
      Files.createDirectory(tree.path("mount"));
      Files.delete(tree.path("other/f1"));
      tree.write("other/new", "comes all the same");

      allow(tree, new MaxRemovals.Percent(20)).begin();

      assertThatThrownBy(() -> tree.watcher().failure().get(60, TimeUnit.SECONDS))
          .hasRootCauseInstanceOf(WatcherRefusedException.class)
          .hasMessageContaining("23 of 43 published entries are gone")
          .hasMessageContaining("--max-removals allows (20%)");
      tree.view.read();
      assertThat(tree.view.bodies(before))
          .noneMatch(b -> b instanceof Change.Remove)
          .noneMatch(b -> b instanceof Change.Put(var p, _) && p.equals(NodePath.ofText("mount")));
      assertThat(tree.view.find("mount/sub/f7")).isPresent();

      allow(tree, new MaxRemovals.Percent(60)).start();
      tree.awaitIdentical();
    }
  }
}
