package dev.tidemark.watcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.filter.PathFilter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SharedLog.class)
final class FilterTest {
  @TempDir Path folder;
  private final TestLog log;

  FilterTest(TestLog log) {
    this.log = log;
  }

  private WatchedTree tree(String name, String... patterns) throws Exception {
    WatchedTree tree = new WatchedTree(log, folder, name);
    return filter(tree, patterns);
  }

  private static WatchedTree filter(WatchedTree tree, String... patterns) throws Exception {
    List<byte[]> bytes =
        Arrays.stream(patterns).map(p -> p.getBytes(StandardCharsets.UTF_8)).toList();
    PathFilter filter = PathFilter.of(bytes);
    return tree.configure(config -> config.with(config.control().with(filter)));
  }

  private static void awaitSeen(WatchedTree tree, String path) throws Exception {
    tree.view.await(
        path + " in the log",
        () ->
            tree.view.bodies().stream()
                .anyMatch(b -> b instanceof Change.Put(var p, _) && p.equals(path(path))));
  }

  private static NodePath path(String text) {
    return NodePath.ofText(text);
  }

  private static boolean isNamed(Change.Body body, String part) {
    return body.toString().contains(part);
  }

  @Test
  void anExcludedDirectoryIsNeitherWatchedNorListedNorPublished() throws Exception {
    try (WatchedTree tree = tree("cache", "cache/", "*.tmp")) {
      tree.write("cache/deep/down/f", "never read");
      tree.write("src/a", "a");
      tree.start();
      int directories = tree.status().directories();
      int watched = tree.status().watchedDirectories();

      for (int i = 0; i < 200; i++) {
        tree.write("cache/deep/n" + i, "nobody sees it");
        tree.write("src/t" + i + ".tmp", "nor that");
      }
      Files.createDirectories(tree.path("src/cache/inner"));
      tree.write("src/b", "b");
      awaitSeen(tree, "src/b");

      assertThat(directories).isEqualTo(2);
      assertThat(watched).isEqualTo(2);
      assertThat(tree.status().directories()).isEqualTo(2);
      assertThat(tree.status().watchedDirectories()).isEqualTo(2);
      assertThat(tree.view.bodies())
          .noneMatch(b -> isNamed(b, "cache") || isNamed(b, ".tmp"))
          .isNotEmpty();
      assertThat(tree.status().bytesRead()).isEqualTo(2);
    }
  }

  @Test
  void aMoveAcrossTheFiltersBorderIsARemovalOrAPutOfAllOfIt() throws Exception {
    try (WatchedTree tree = tree("border", "/out")) {
      tree.write("dir/sub/file", "text");
      tree.start();
      tree.view.read();
      int before = tree.view.accepted().size();

      Files.move(tree.path("dir"), tree.path("out"));
      tree.view.await(
          "the removal", () -> tree.view.bodies(before).contains(new Change.Remove(path("dir"))));
      tree.write("out/sub/secret", "while it is outside");
      Files.move(tree.path("out"), tree.path("back"));
      tree.awaitIdentical();

      assertThat(tree.view.bodies(before))
          .noneMatch(b -> b instanceof Change.Move)
          .noneMatch(b -> isNamed(b, "out"));
      assertThat(tree.view.find("back/sub/secret")).isPresent();
    }
  }

  @Test
  void anAnchoredPatternIsAskedAgainBelowAMovedDirectory() throws Exception {
    try (WatchedTree tree = tree("anchored", "/here/private")) {
      tree.write("here/private/key", "excluded where it stands");
      tree.write("here/public", "text");
      tree.write("plain/f", "text");
      tree.start();
      assertThat(tree.view.find("here/private")).isEmpty();

      Files.move(tree.path("here"), tree.path("there"));
      tree.awaitIdentical();

      assertThat(tree.view.find("there/private/key")).isPresent();
      int before = tree.view.accepted().size();
      Files.move(tree.path("there"), tree.path("here"));
      awaitSeen(tree, "here/public");
      tree.view.await(
          "the removal", () -> tree.view.bodies(before).contains(new Change.Remove(path("there"))));
      Files.move(tree.path("plain"), tree.path("other"));
      tree.view.await(
          "the move",
          () -> tree.view.bodies(before).contains(new Change.Move(path("plain"), path("other"))));

      assertThat(tree.view.find("here/private")).isEmpty();
      assertThat(tree.view.find("here/public")).isPresent();
    }
  }

  @Test
  void otherFiltersTakeEffectAtTheNextStart() throws Exception {
    try (WatchedTree tree = tree("changed", "a/")) {
      tree.write("a/f", "text");
      tree.write("b/sub/f", "text");
      tree.write("c", "text");
      tree.start();
      tree.view.read();
      assertThat(tree.view.find("a")).isEmpty();
      tree.stop();

      filterAndForbidRemovals(tree, "b/").start();
      awaitSeen(tree, "a/f");

      tree.view.await(
          "the removal", () -> tree.view.bodies().contains(new Change.Remove(path("b"))));
      assertThat(tree.view.find("b/sub/f")).isEmpty();
      assertThat(tree.view.find("c")).isPresent();
    }
  }

  /** What a filter takes out is meant to go: it does not count as found gone. */
  private static WatchedTree filterAndForbidRemovals(WatchedTree tree, String pattern)
      throws Exception {
    PathFilter filter = PathFilter.of(List.of(pattern.getBytes(StandardCharsets.UTF_8)));
    return tree.configure(
        config -> config.with(config.control().with(filter).with(new MaxRemovals.Count(0))));
  }
}
