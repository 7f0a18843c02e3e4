package dev.tidemark.watcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.watcher.capture.CaptureMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(SharedLog.class)
class RootGuardTest {
  @TempDir Path folder;

  private static String failureOf(WatchedTree tree) {
    Throwable thrown =
        Assertions.catchThrowable(
            () -> tree.watcher().failure().orTimeout(60, TimeUnit.SECONDS).join());
    assertThat(thrown).isInstanceOf(CompletionException.class);
    assertThat(thrown).hasCauseInstanceOf(WatcherRefusedException.class);
    return String.valueOf(Objects.requireNonNull(thrown.getCause()).getMessage());
  }

  @ParameterizedTest
  @EnumSource(names = {"AUTO", "INOTIFY", "SCAN"})
  void aRenamedRootStopsTheWatcherAndRemovesNothing(CaptureMode mode, TestLog log)
      throws Exception {
    try (WatchedTree tree =
        new WatchedTree(log, folder, "renamed-root-" + mode)
            .configure(
                c -> c.with(c.capture().with(mode).withScanInterval(Duration.ofMillis(200))))) {
      tree.write("dir/file", "stays");
      tree.start();
      tree.awaitIdentical();

      Files.move(tree.root, folder.resolve("elsewhere-" + mode));

      assertThat(failureOf(tree)).contains("renamed").contains("Nothing is published");
      tree.view.read();
      assertThat(tree.view.bodies()).noneMatch(Change.Remove.class::isInstance);
    }
  }

  @Test
  void anotherDirectoryUnderTheRootsNameStopsTheWatcher(TestLog log) throws Exception {
    try (WatchedTree tree = new WatchedTree(log, folder, "other-root")) {
      tree.write("file", "stays");
      tree.start();
      Path other = Files.createDirectory(folder.resolve("prepared"));

      Files.move(tree.root, folder.resolve("old-root"));
      Files.move(other, tree.root);

      assertThat(failureOf(tree)).containsAnyOf("is another directory now", "renamed");
      tree.view.read();
      assertThat(tree.view.bodies()).noneMatch(Change.Remove.class::isInstance);
    }
  }

  @Test
  void aLinkOnTheWayThatLeadsElsewhereStopsTheWatcher(TestLog log) throws Exception {
    Path releases = Files.createDirectories(folder.resolve("releases"));
    Path first = Files.createDirectories(releases.resolve("41/app"));
    Path second = Files.createDirectories(releases.resolve("42/app"));
    Files.writeString(first.resolve("file"), "old release");
    Path current = Files.createSymbolicLink(folder.resolve("current"), releases.resolve("41"));
    try (WatchedTree tree =
        new WatchedTree(log, folder, "linked-root")
            .configure(c -> c.withRoot(current.resolve("app")))) {
      tree.start();

      Path fresh = Files.createSymbolicLink(folder.resolve("next"), releases.resolve("42"));
      Files.move(fresh, current, StandardCopyOption.ATOMIC_MOVE);

      assertThat(failureOf(tree)).contains(second.toRealPath().toString()).contains("start again");
    }
  }
}
