package dev.tidemark.watcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Node;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Files that change while they are read. */
@ExtendWith(SharedLog.class)
class TornReadTest {
  @TempDir Path folder;
  private final TestLog log;

  TornReadTest(TestLog log) {
    this.log = log;
  }

  @Test
  void aFileThatIsWrittenAllTheTimeIsPublishedAsTornAndWholeAtTheEnd() throws Exception {
    try (WatchedTree tree = new WatchedTree(log, folder, "written").start()) {
      byte[] bytes = new byte[4_000_000];
      new Random(1).nextBytes(bytes);
      Path file = tree.write("busy", bytes);
      tree.awaitIdentical();
      AtomicBoolean enough = new AtomicBoolean();
      Thread writer =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
                      for (int i = 0; !enough.get(); i++) {
                        open.seek(i % 1000);
                        open.write(i);
                      }
                    } catch (java.io.IOException e) {
                      throw new java.io.UncheckedIOException(e);
                    }
                  });
      try {
        tree.view.await(
            "a torn version",
            () ->
                tree.view.bodies().stream()
                    .anyMatch(
                        b ->
                            b instanceof Change.Put(_, Node.File(_, var content))
                                && content.torn()));
      } finally {
        enough.set(true);
        writer.join();
      }
      tree.awaitIdentical();

      assertThat(((Node.File) tree.view.find("busy").orElseThrow()).content().torn()).isFalse();
      assertThat(tree.status().tornReads()).isPositive();
    }
  }
}
