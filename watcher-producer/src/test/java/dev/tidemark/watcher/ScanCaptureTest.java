package dev.tidemark.watcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.watcher.capture.CaptureMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SharedLog.class)
class ScanCaptureTest {
  @TempDir Path folder;

  @Test
  void changesWithoutEventsAreFoundAtTheInterval(TestLog log) throws Exception {
    try (WatchedTree tree =
        new WatchedTree(log, folder, "scan")
            .configure(
                c ->
                    c.with(
                        c.capture()
                            .with(CaptureMode.SCAN)
                            .withScanInterval(Duration.ofMillis(300))))) {
      tree.write("a/b/file", "before");
      tree.write("gone/file", "before");
      tree.start();
      assertThat(tree.status().capture().describe()).startsWith("scan every");
      assertThat(tree.status().watchedDirectories()).isZero();

      tree.write("a/b/file", "after the change");
      tree.write("new/deep/file", "made");
      tree.deleteTree("gone");
      Files.move(tree.path("a"), tree.path("renamed"));
      tree.awaitIdentical();

      assertThat(tree.status().capture().intervalScans()).isPositive();
      assertThat(tree.view.accepted())
          .filteredOn(c -> c.body() instanceof Change.Put)
          .allMatch(c -> c.cause() == Change.Cause.SCAN);
      long read = tree.status().bytesRead();
      long scans = tree.status().capture().intervalScans();
      tree.view.await(
          "two comparisons", () -> tree.status().capture().intervalScans() >= scans + 2);
      assertThat(tree.status().bytesRead()).isEqualTo(read);
    }
  }

  @Test
  void anIntervalOfNothingIsRefused() {
    assertThatThrownBy(() -> WatcherConfig.Capture.DEFAULT.withScanInterval(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
