package dev.tidemark.watcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tidemark.filesystem.linux.SystemCallException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is done about what cannot be read. */
@ExtendWith(SharedLog.class)
class UnreadableTest {
  @TempDir Path folder;
  private final TestLog log;

  UnreadableTest(TestLog log) {
    this.log = log;
  }

  private static Environment lockedIn(WatchedTree tree) {
    return tree.environment()
        .withFaults(
            path ->
                new String(path, StandardCharsets.UTF_8).equals("locked")
                    ? Optional.of(new SystemCallException("getdents64", "locked", 13))
                    : Optional.empty());
  }

  private static void assertStops(WatchedTree tree, String... because) {
    assertThatThrownBy(() -> tree.watcher().failure().get(60, TimeUnit.SECONDS))
        .cause()
        .isInstanceOf(WatcherRefusedException.class)
        .hasMessageContaining("--on-unreadable fail")
        .hasMessageContainingAll(because);
  }

  @Test
  void aDirectoryThatCannotBeListedIsReportedAndTheRestGoesOn() throws Exception {
    try (WatchedTree tree = new WatchedTree(log, folder, "unreadable-report")) {
      tree.write("locked/inside", "x");
      tree.write("open/inside", "x");
      tree.in(lockedIn(tree)).start();
      tree.view.await("the rest", () -> tree.view.bodies().toString().contains("open/inside"));

      assertThat(tree.status().unreadable()).isPositive();
      assertThat(tree.status().lastError()).contains("locked").contains("EACCES");
    }
  }

  @Test
  void aDirectoryThatCannotBeListedStopsAWatcherThatIsToFail() throws Exception {
    try (WatchedTree tree = new WatchedTree(log, folder, "unreadable-fail")) {
      tree.write("locked/inside", "x");
      tree.in(lockedIn(tree)).configure(c -> c.with(OnUnreadable.FAIL)).begin();

      assertStops(tree, "locked", "EACCES");
    }
  }

  @Test
  void anEntryThatCannotBeKeptStopsAWatcherThatIsToFail() throws Exception {
    Path shm = Path.of("/dev/shm");
    assumeThat(Files.isWritable(shm)).as("a tmpfs takes large attributes").isTrue();
    Path large = Files.createTempDirectory(shm, "tidemark");
    try (WatchedTree tree = new WatchedTree(log, large, "unreadable-entry")) {
      Files.createDirectory(tree.path("d"));
      tree.write("d/large", "x");
      for (int i = 0; i < 17; i++) {
        byte[] name = NodeKindsTest.ascii("user.large" + i);
        NodeKindsTest.inRoot(
            tree,
            root -> {
              try (var d =
                  dev.tidemark.filesystem.linux.LinuxFiles.openDirectory(
                      root, NodeKindsTest.ascii("d"))) {
                NodeKindsTest.set(
                    d, "large", new String(name, StandardCharsets.US_ASCII), new byte[65_000]);
              }
            });
      }
      tree.configure(c -> c.with(OnUnreadable.FAIL)).begin();

      assertStops(tree, "d/large", "attributes");
    } finally {
      WatchedTree.deleteTree(large);
    }
  }
}
