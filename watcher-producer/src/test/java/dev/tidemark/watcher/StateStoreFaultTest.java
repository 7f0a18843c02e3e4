package dev.tidemark.watcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A state store that is lost, damaged or full loses nothing of the tree. */
@ExtendWith(SharedLog.class)
class StateStoreFaultTest {
  @TempDir Path folder;
  private final TestLog log;

  StateStoreFaultTest(TestLog log) {
    this.log = log;
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor();
  }

  /** In the largest table, that of the entries, so that the store still opens. */
  private static void damageEntries(WatchedTree tree, double where) throws IOException {
    try (var files = Files.list(tree.state.resolve("entries"))) {
      Path largest =
          files
              .filter(file -> file.toString().endsWith(".sst"))
              .max(Comparator.comparingLong(file -> file.toFile().length()))
              .orElseThrow();
      byte[] bytes = Files.readAllBytes(largest);
      for (int i = 0; i < 200; i++) {
        bytes[(int) (bytes.length * where) + i] ^= 0x55;
      }
      Files.write(largest, bytes);
    }
  }

  /** The first block is read when a term is prepared, others when directories are compared. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 0.4})
  void damageIsAnsweredByAFullScanThatMakesNoNewVersions(double where) throws Exception {
    try (WatchedTree tree = new WatchedTree(log, folder, "damaged-" + (int) (10 * where))) {
      for (int i = 0; i < 300; i++) {
        tree.write("d" + i % 7 + "/f" + i, "text " + i);
      }
      Files.createLink(tree.path("d1/other-name"), tree.path("d2/f2"));
      tree.start();
      tree.awaitIdentical();
      List<Node> before = new ArrayList<>();
      for (int i = 1; i < 300; i++) {
        before.add(tree.view.find("d" + i % 7 + "/f" + i).orElseThrow());
      }
      tree.stop();
      damageEntries(tree, where);
      Files.delete(tree.path("d0/f0"));

      tree.start();
      tree.view.await(
          "a full scan",
          () ->
              tree.view.accepted().stream()
                  .anyMatch(c -> c.body().equals(new Change.ScanCompleted(ScanKind.FULL))));
      tree.awaitIdentical();

      assertThat(tree.view.find("d0/f0")).isEmpty();
      assertThat(tree.view.bodies()).doesNotContain(new Change.Remove(NodePath.ofText("d0/f0")));
      for (int i = 1; i < 300; i++) {
        Node now = tree.view.find("d" + i % 7 + "/f" + i).orElseThrow();
        assertThat(Sameness.of(before.get(i - 1), now)).as("version of f%d", i).isTrue();
      }
      assertThat(tree.view.gaps()).isEmpty();
    }
  }

  @Test
  void aFullDiskUnderTheStateStoreStopsTheWatcherAndLosesNothing() throws Exception {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    boolean mounted = run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString()) == 0;
    assumeThat(mounted).as("this user may mount a tmpfs").isTrue();
    try (WatchedTree tree =
        new WatchedTree(log, folder, "full-disk")
            .configure(
                c ->
                    WatcherConfig.of(c.tree(), c.root(), disk.resolve("state"), c.log())
                        .withDelays(c.settle(), c.maxDelay()))) {
      for (int i = 0; i < 1_500; i++) {
        tree.write("d" + i % 50 + "/" + "long-name".repeat(20) + i, "");
      }
      tree.begin();

      assertThatThrownBy(() -> tree.watcher().failure().get(60, TimeUnit.SECONDS))
          .cause()
          .hasMessageContaining(disk.toString())
          .hasMessageContaining("make room there and start again");
      assertThat(run("mount", "-o", "remount,size=200m", disk.toString())).isZero();
      tree.start();
      tree.awaitIdentical();
      assertThat(tree.view.gaps()).isEmpty();
    } finally {
      if (mounted) {
        assertThat(run("umount", "-l", disk.toString())).isZero();
      }
    }
  }
}
