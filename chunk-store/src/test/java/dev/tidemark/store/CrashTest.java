package dev.tidemark.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.broker.EmbeddedBroker;
import dev.tidemark.repository.Repository;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.SealedChange;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A process that ends without warning, at each step of the way into the repository and at any time.
 */
final class CrashTest {
  private static final int BURST = 100;
  private static final int MOST_FILES = 2_000;
  private static final long PACE_NANOS = 30_000_000;

  @TempDir static Path brokerFolder;
  private static EmbeddedBroker broker;

  @BeforeAll
  static void startBroker() throws Exception {
    broker = EmbeddedBroker.start(brokerFolder);
  }

  @AfterAll
  static void stopBroker() throws Exception {
    broker.close();
  }

  @ParameterizedTest
  @CsvSource({
    "before, packs/, 1",
    "after, packs/, 1",
    "after, packs/, 2",
    "after, index/, 1",
    "before, trees/, 1",
    "after, trees/, 1",
    "after, trees/, 2"
  })
  void whatWasAcknowledgedIsSealedAfterACrashAt(
      String when, String blobs, int nth, @TempDir Path folder) throws Exception {
    TestCluster cluster =
        new TestCluster(broker, "s%s%s%d.".formatted(when, blobs.charAt(0), nth), 2);
    try (TestWriter writer = cluster.writer("web")) {
      try (StoreProcess process = StoreProcess.start(cluster, folder, when, blobs, nth)) {
        writer.begin();
        // A process that starts late finds all that was written so far at once, and seals it in one
        // segment: for the nth of them there must be more to come.
        for (int i = 0; process.isAlive() && i < MOST_FILES; i++) {
          writer.put("f" + i, Changes.plain(i, 40_000 + i));
          if (i > BURST) {
            LockSupport.parkNanos(PACE_NANOS);
          }
        }
        process.awaitEnd();
      }
      writer.put("last", Changes.plain(-1, 100));
      long sequence = 1 + writer.changes.number;

      try (ChunkStore store = ChunkStore.start(cluster.config(folder))) {
        cluster.awaitSealed("web", sequence);
        assertThat(store.failure()).isNotDone();
      }
      assertSound(folder, sequence);
    }
  }

  @Test
  void whatWasAcknowledgedIsSealedAfterKillsAtAnyTime(@TempDir Path folder) throws Exception {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    Random random = new Random(seed);
    TestCluster cluster = new TestCluster(broker, "kills.", 3);
    try (TestWriter writer = cluster.writer("web").begin()) {
      long sealed = 0;
      for (int round = 0; round < 4; round++) {
        try (StoreProcess process = StoreProcess.start(cluster, folder, "never", "none", 1)) {
          long until = sealed + 1 + random.nextInt(40);
          for (int i = 0; sealed < until; i++) {
            writer.put(
                "f" + i % 50,
                Changes.plain(random.nextInt(200), random.nextInt(60_000) + 1),
                Changes.plain(random.nextInt(20), 3_000));
            if (i % 10 == 0) {
              sealed = cluster.head("web").map(head -> head.sealed().sequence()).orElse(0L);
            }
          }
          process.kill();
        }
      }
      writer.tag("end");
      long sequence = 2 + writer.changes.number;
      try (ChunkStore store = ChunkStore.start(cluster.config(folder))) {
        cluster.awaitSealed("web", sequence);
        assertThat(store.status().abandonedVersions()).isZero();
      }
      assertSound(folder, sequence);
    }
  }

  /** Every change once and in order, every chunk readable. */
  private static void assertSound(Path folder, long sequence) throws Exception {
    try (Repository repository = SealingTest.open(folder)) {
      List<SealedChange> sealed = SealingTest.sealed(repository, "web");
      assertThat(sealed).hasSize((int) sequence);
      assertThat(sealed.getLast().sequence()).isEqualTo(sequence);
      for (SealedChange change : sealed) {
        if (change.change().body() instanceof Change.Put(_, Node.File(_, var content))) {
          for (Extent extent : content.extents()) {
            Extent.Chunk chunk = (Extent.Chunk) extent;
            assertThat(repository.readChunk(chunk.id())).hasSize(chunk.plainBytes());
          }
        }
      }
    }
  }
}
