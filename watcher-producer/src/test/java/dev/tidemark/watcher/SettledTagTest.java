package dev.tidemark.watcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.Tree;
import dev.tidemark.schemas.tree.TreeBase;
import dev.tidemark.watcher.capture.CaptureMode;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SharedLog.class)
final class SettledTagTest {
  @TempDir Path folder;
  private final TestLog log;

  SettledTagTest(TestLog log) {
    this.log = log;
  }

  private static PublishedTag tag(WatchedTree tree, String label) throws Exception {
    return tree.watcher().publishSettledTag(label).get(60, TimeUnit.SECONDS);
  }

  /** The tree as it stood at a tag. */
  private static Tree at(WatchedTree tree, String label) throws Exception {
    tree.view.read();
    Tree state = Tree.on(TreeBase.EMPTY);
    for (Change change : tree.view.accepted()) {
      if (change.body() instanceof Change.Tag(_, var name) && name.equals(label)) {
        return state;
      }
      state.apply(change.body());
    }
    throw new AssertionError("no tag " + label);
  }

  private static Optional<Node> find(Tree state, String path) throws Exception {
    return state.find(NodePath.ofText(path));
  }

  /**
   * Quiet times are longer than this test takes: what is in time is so because it is waited for.
   */
  @Test
  void theTagHoldsWhatWasDoneBeforeItWasAskedForAndNothingDoneAfterIt() throws Exception {
    try (WatchedTree tree = new WatchedTree(log, folder, "settled")) {
      tree.configure(c -> c.withDelays(Duration.ofMinutes(5), Duration.ofMinutes(10)));
      tree.write("moved/deep/f", "text");
      tree.write("goes", "text");
      tree.start();

      try (OutputStream open = Files.newOutputStream(tree.path("open"))) {
        for (int round = 0; round < 40; round++) {
          open.write("round".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
          tree.write("r" + round + "/a/b/c", "new directories " + round);
          String place = round % 2 == 0 ? "back" : "moved";
          Files.move(tree.path(round % 2 == 0 ? "moved" : "back"), tree.path(place));
          long written = Files.size(tree.path("open"));
          PublishedTag tag = tag(tree, "tag" + round);
          tree.write("after" + round, "after the tag");

          Tree state = at(tree, "tag" + round);
          assertThat(tag.logTimeMillis()).isPositive();
          assertThat(find(state, "r" + round + "/a/b/c")).as("round %d", round).isPresent();
          assertThat(find(state, place + "/deep/f")).isPresent();
          assertThat(find(state, "after" + round)).isEmpty();
          assertThat(find(state, "open"))
              .hasValueSatisfying(
                  n -> assertThat(((Node.File) n).content().size()).isEqualTo(written));
        }
      }
      Files.delete(tree.path("goes"));
      tag(tree, "last");

      assertThat(find(at(tree, "last"), "goes")).isEmpty();
    }
  }

  @Test
  void aTreeThatIsWrittenToAllTheTimeIsTaggedAllTheSame() throws Exception {
    try (WatchedTree tree = new WatchedTree(log, folder, "busy").start()) {
      AtomicBoolean stop = new AtomicBoolean();
      Thread writer =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      for (int i = 0; !stop.get(); i++) {
                        tree.write("busy/d" + i % 50 + "/f" + i % 300, "text " + i);
                      }
                    } catch (java.io.IOException e) {
                      throw new java.io.UncheckedIOException(e);
                    }
                  });
      try {
        tree.write("ours", "written by the application");
        tag(tree, "amid");
      } finally {
        stop.set(true);
        writer.join();
      }
      assertThat(find(at(tree, "amid"), "ours")).isPresent();
    }
  }

  @Test
  void aTagThatCanNoLongerComeFails() throws Exception {
    try (WatchedTree tree = new WatchedTree(log, folder, "stopped").start()) {
      tree.kill();

      assertThatThrownBy(() -> tag(tree, "late"))
          .isInstanceOf(ExecutionException.class)
          .hasMessageContaining("stopped");
    }
  }

  @Test
  void whereNoEventIsToldTheTreeIsComparedBeforeTheTag() throws Exception {
    try (WatchedTree tree = new WatchedTree(log, folder, "settled-scan")) {
      tree.configure(
          c -> c.with(c.capture().with(CaptureMode.SCAN).withScanInterval(Duration.ofHours(1))));
      tree.write("a/b/f", "before");
      tree.start();

      tree.write("a/b/f", "written before the tag");
      tree.write("new/g", "made before the tag");
      tag(tree, "compared");

      Tree state = at(tree, "compared");
      assertThat(find(state, "new/g")).isPresent();
      Node.File file = (Node.File) find(state, "a/b/f").orElseThrow();
      assertThat(file.content().size()).isEqualTo("written before the tag".length());
    }
  }
}
