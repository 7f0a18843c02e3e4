package dev.tidemark.watcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tidemark.schemas.change.Node;
import dev.tidemark.watcher.capture.CaptureMode;
import dev.tidemark.watcher.read.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(SharedLog.class)
class MountsTest {
  @TempDir Path folder;
  private final List<Path> mounted = new ArrayList<>();

  @BeforeEach
  void requireRoot() throws Exception {
    Path probe = Files.createDirectory(folder.resolve("probe"));
    assumeThat(run("mount", "-t", "tmpfs", "none", probe.toString()))
        .as("mounting needs root")
        .isZero();
    mounted.add(probe);
  }

  @AfterEach
  void unmount() throws Exception {
    for (Path path : mounted.reversed()) {
      assertThat(run("umount", "-l", path.toString())).isZero();
    }
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  private void mountTmpfs(Path at) throws Exception {
    Files.createDirectories(at);
    assertThat(run("mount", "-t", "tmpfs", "none", at.toString())).isZero();
    mounted.add(at);
  }

  private void bind(Path from, Path at) throws Exception {
    Files.createDirectories(at);
    assertThat(run("mount", "--bind", from.toString(), at.toString())).isZero();
    mounted.add(at);
  }

  private WatchedTree tree(TestLog log, String name, CaptureMode mode, Mounts mounts)
      throws IOException {
    return new WatchedTree(log, folder, name + "-" + mode)
        .configure(c -> c.with(c.capture().with(mode).with(mounts)));
  }

  @ParameterizedTest
  @EnumSource(names = {"FANOTIFY", "INOTIFY"})
  void mountPointsAreEmptyDirectories(CaptureMode mode, TestLog log) throws Exception {
    try (WatchedTree tree = tree(log, "stay", mode, Mounts.STAY)) {
      Path outside = Files.createDirectories(folder.resolve("outside-" + mode));
      Files.writeString(outside.resolve("bound"), "of the same filesystem");
      tree.write("own", "of the tree");
      mountTmpfs(tree.path("tmpfs"));
      tree.write("tmpfs/inside/other", "of another filesystem");
      bind(outside, tree.path("deep/bind"));
      tree.start();

      tree.write("tmpfs/later", "x");
      tree.write("deep/bind/later", "x");
      tree.write("last", "of the tree");
      tree.view.await("what is written last", () -> tree.view.bodies().toString().contains("last"));
      tree.view.read();

      assertThat(tree.view.find("tmpfs")).get().isInstanceOf(Node.Directory.class);
      assertThat(tree.view.find("deep/bind")).get().isInstanceOf(Node.Directory.class);
      for (String hidden :
          List.of("tmpfs/inside", "tmpfs/later", "deep/bind/bound", "deep/bind/later")) {
        assertThat(tree.view.find(hidden)).as(hidden).isEmpty();
      }
      assertThat(tree.status().capture().mountPoints()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FANOTIFY", "INOTIFY"})
  void mountsAreCrossedWhenAskedFor(CaptureMode mode, TestLog log) throws Exception {
    try (WatchedTree tree = tree(log, "cross", mode, Mounts.CROSS)) {
      Path outside = Files.createDirectories(folder.resolve("outside-" + mode));
      Files.writeString(outside.resolve("bound"), "of the same filesystem");
      mountTmpfs(tree.path("tmpfs"));
      tree.write("tmpfs/inside/other", "of another filesystem");
      bind(outside, tree.path("deep/bind"));
      tree.start();
      tree.awaitIdentical();

      tree.write("tmpfs/inside/later", "x");
      tree.write("deep/bind/new/later", "x");
      tree.awaitIdentical();

      assertThat(tree.view.find("tmpfs/inside/later")).isPresent();
      assertThat(tree.view.find("deep/bind/new/later")).isPresent();
      assertThat(tree.status().capture().uncoveredDirectories()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FANOTIFY", "INOTIFY"})
  void whatIsMountedWhileWatchingIsHiddenAndComesBack(CaptureMode mode, TestLog log)
      throws Exception {
    try (WatchedTree tree = tree(log, "live", mode, Mounts.STAY)) {
      tree.write("dir/file", "under the mount");
      tree.start();
      tree.awaitIdentical();

      mountTmpfs(tree.path("dir"));
      tree.view.await("the file under it", () -> tree.status().capture().mountPoints() == 1);
      tree.write("dir/other", "in the mount");
      assertThat(run("umount", tree.path("dir").toString())).isZero();
      mounted.removeLast();
      tree.awaitIdentical();

      tree.write("dir/more", "it is watched again");
      tree.awaitIdentical();
    }
  }

  /** Between two looks at the table of mounts, and found by a look that something else brought. */
  @ParameterizedTest
  @EnumSource(names = {"FANOTIFY", "INOTIFY"})
  void aMountThatComesAndGoesAtOnceHidesNothingForLong(CaptureMode mode, TestLog log)
      throws Exception {
    try (WatchedTree tree = tree(log, "brief", mode, Mounts.STAY)) {
      tree.write("dir/file", "under the mount");
      tree.start();
      tree.awaitIdentical();

      mountTmpfs(tree.path("dir"));
      tree.write("beside", "makes the root be looked at");
      Files.createDirectory(tree.path("dir2"));
      tree.view.await("what is beside", () -> tree.status().dirtyEntries() == 0);
      assertThat(run("umount", tree.path("dir").toString())).isZero();
      mounted.removeLast();

      tree.awaitIdentical();
    }
  }

  @Test
  void anUnmountedRootStopsTheWatcherAndRemovesNothing(TestLog log) throws Exception {
    Path root = folder.resolve("unmounted");
    mountTmpfs(root);
    Files.writeString(root.resolve("file"), "stays");
    try (WatchedTree tree =
        new WatchedTree(log, folder, "unmounted-root").configure(c -> c.withRoot(root)).start()) {
      assertThat(run("umount", "-l", root.toString())).isZero();
      mounted.removeLast();

      assertThatThrownBy(() -> tree.watcher().failure().orTimeout(60, TimeUnit.SECONDS).join())
          .hasCauseInstanceOf(WatcherRefusedException.class)
          .hasMessageContaining("unmounted");
      tree.view.read();
      assertThat(tree.view.find("file")).isPresent();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FANOTIFY", "INOTIFY"})
  void oneDirectoryAtTwoPlacesIsSaidToBeUncovered(CaptureMode mode, TestLog log) throws Exception {
    try (WatchedTree tree = tree(log, "alias", mode, Mounts.CROSS)) {
      tree.write("real/file", "shown twice");
      bind(tree.path("real"), tree.path("alias"));
      tree.start();

      tree.view.await("the second place", () -> tree.status().capture().uncoveredDirectories() > 0);
      tree.awaitIdentical();
      assertThat(tree.view.find("alias/file")).isPresent();
    }
  }
}
