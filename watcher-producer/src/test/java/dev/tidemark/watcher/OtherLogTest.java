package dev.tidemark.watcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log is lost, and an empty one stands in its place, while a watcher runs. */
final class OtherLogTest {
  @TempDir private Path folder;

  @Test
  void aRunningWatcherPublishesTheTreeWholeToTopicsThatWereMadeAgain() throws Exception {
    try (TestLog log = TestLog.start(folder.resolve("broker"));
        WatchedTree tree =
            new WatchedTree(log, folder, "web")
                .configure(c -> c.with(c.limits().withHeartbeat(Duration.ofMillis(200))))) {
      tree.start();
      tree.write("a/before", "before");
      tree.awaitIdentical();

      log.remakeTopics();
      tree.write("a/after", "after");

      try (LogView view = new LogView(log, tree.name)) {
        view.awaitIdentical(tree.root);
        assertThat(view.gaps()).isEmpty();
      }
      // The bodies as well: none of those sent before is in this log.
      assertThat(tree.status().framesSent()).isGreaterThanOrEqualTo(3);
    }
  }
}
