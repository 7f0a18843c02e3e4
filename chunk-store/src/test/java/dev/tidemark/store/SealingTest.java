package dev.tidemark.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.broker.EmbeddedBroker;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.history.History;
import dev.tidemark.repository.treelog.SealedChangeStream;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Head;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole way of a change, on a real broker and a real repository. */
final class SealingTest {
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

  @Test
  void whatIsPublishedIsSealed(@TempDir Path folder) throws Exception {
    TestCluster cluster = new TestCluster(broker, "a.", 2);
    byte[] one = Changes.plain(1, 10_000);
    byte[] two = Changes.plain(2, 300_000);
    try (ChunkStore store = ChunkStore.start(cluster.config(folder));
        TestWriter writer = cluster.writer("web").begin()) {
      writer.send(writer.changes.directory(""));
      writer.put("a", one);
      writer.put("b", one, two);

      Head head = cluster.awaitSealed("web", 4);

      assertThat(head.accepted().sequence()).isEqualTo(4);
      assertThat(store.status().trees())
          .hasEntrySatisfying(
              new TreeName("web"), status -> assertThat(status.lagChanges()).isZero());
    }
    try (Repository repository = open(folder)) {
      assertThat(repository.readChunk(Changes.id(two))).isEqualTo(two);
      assertThat(sealed(repository, "web")).hasSize(4);
      assertThat(sealed(repository, "web").get(3).change().body()).isInstanceOf(Change.Put.class);
    }
  }

  @Test
  void aLogThatHasGrownLongGetsASnapshot(@TempDir Path folder) throws Exception {
    TestCluster cluster = new TestCluster(broker, "snap.", 2);
    TreeName web = new TreeName("web");
    try (ChunkStore store = ChunkStore.start(cluster.config(folder));
        TestWriter writer = cluster.writer("web").begin()) {
      writer.send(writer.changes.directory(""));
      for (int i = 0; i < History.FLOOR_CHANGES; i++) {
        writer.send(writer.changes.directory("d" + i));
      }
      cluster.awaitSealed("web", 2 + History.FLOOR_CHANGES);

      try (Repository repository = open(folder)) {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (repository.snapshots(web).sequences().isEmpty()) {
          assertThat(System.nanoTime()).as("no snapshot after a minute").isLessThan(deadline);
          LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
        long sequence = repository.snapshots(web).sequences().getFirst();
        assertThat(repository.snapshots(web).read(sequence).entries()).isEqualTo(sequence - 1);
        assertThat(store.status().trees()).containsKey(web);
      }
    }
  }

  @Test
  void sameFramesOfTwoWritersAreStoredOnce(@TempDir Path folder) throws Exception {
    TestCluster cluster = new TestCluster(broker, "b.", 2);
    byte[] chunk = Changes.plain(3, 200_000);
    try (ChunkStore store = ChunkStore.start(cluster.config(folder));
        TestWriter first = cluster.writer("first").begin();
        TestWriter second = cluster.writer("second").begin()) {
      first.put("a", chunk);
      cluster.awaitSealed("first", 2);
      long stored = store.status().storedBytes();

      second.put("b", chunk);
      cluster.awaitSealed("second", 2);

      assertThat(store.status().storedBytes()).isEqualTo(stored);
      assertThat(store.status().duplicates()).isEqualTo(1);
    }
  }

  @Test
  void endOfAScanIsSealedLongBeforeTheFlushInterval(@TempDir Path folder) throws Exception {
    TestCluster cluster = new TestCluster(broker, "c.", 2);
    ChunkStoreConfig slow = cluster.config(folder).withFlushInterval(Duration.ofMinutes(10));
    try (ChunkStore store = ChunkStore.start(slow);
        TestWriter writer = cluster.writer("web").begin()) {
      writer.send(writer.changes.next(new Change.ScanStarted(Change.ScanKind.FULL)));
      writer.send(writer.changes.directory(""));
      writer.put("a", Changes.plain(4, 5_000));
      writer.send(writer.changes.next(new Change.ScanCompleted(Change.ScanKind.FULL)));
      cluster.awaitSealed("web", 5);

      writer.put("b", Changes.plain(5, 5_000));
      writer.tag("release");

      cluster.awaitSealed("web", 7);
      assertThat(store.status().packs()).isEqualTo(2);
    }
  }

  @Test
  void aRestartGoesOnWhereItWas(@TempDir Path folder) throws Exception {
    TestCluster cluster = new TestCluster(broker, "d.", 2);
    try (TestWriter writer = cluster.writer("web")) {
      try (ChunkStore store = ChunkStore.start(cluster.config(folder))) {
        writer.begin().put("a", Changes.plain(6, 5_000));
        cluster.awaitSealed("web", 2);
        assertThat(store.failure()).isNotDone();
      }
      writer.put("b", Changes.plain(7, 5_000));
      long started = System.nanoTime();
      try (ChunkStore store = ChunkStore.start(cluster.config(folder))) {
        cluster.awaitSealed("web", 3);
        assertThat(store.status().frames()).isEqualTo(1);
        assertThat(Duration.ofNanos(System.nanoTime() - started))
            .isLessThan(Duration.ofSeconds(20));
      }
    }
  }

  static Repository open(Path folder) throws Exception {
    return Repository.open(Repository.openStore(folder.resolve("repository").toString()));
  }

  static List<SealedChange> sealed(Repository repository, String tree) throws Exception {
    List<SealedChange> sealed = new ArrayList<>();
    try (SealedChangeStream stream = repository.log(new TreeName(tree)).read(0, Long.MAX_VALUE)) {
      for (var next = stream.next(); next.isPresent(); next = stream.next()) {
        sealed.add(next.get());
      }
    }
    return sealed;
  }

  static void awaitTrue(String what, java.util.concurrent.Callable<Boolean> condition) {
    Awaitility.await().alias(what).atMost(Duration.ofSeconds(60)).until(condition);
  }
}
