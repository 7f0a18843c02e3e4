package dev.tidemark.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.broker.EmbeddedBroker;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.blob.StoreFullException;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.change.SealedChange.Origin;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Fault;
import dev.tidemark.schemas.cursor.Head;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Logs that lose records or are made again, stores that are full, and repositories that are
 * another's.
 */
final class RecoveryTest {
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
  void aFullStoreLosesNothingAndGoesOnByItself(@TempDir Path folder) throws Exception {
    TestCluster cluster = new TestCluster(broker, "full.", 2);
    ChunkStoreConfig config = cluster.config(folder).withPackBytes(64 << 10);
    StepBlobStore blobs = new StepBlobStore(Repository.openStore(config.repositoryUrl()));
    AtomicBoolean full = new AtomicBoolean(true);
    blobs.before =
        name -> {
          if (full.get() && name.value().startsWith("packs/")) {
            throw new StoreFullException("no room", new IOException("ENOSPC"));
          }
        };
    try (ChunkStore store = ChunkStore.start(config, blobs);
        TestWriter writer = cluster.writer("web").begin()) {
      // More than the pack writer may hold: the rest is only pointed to.
      for (int i = 0; i < 30; i++) {
        writer.put("f" + i, Changes.plain(i, 50_000));
      }
      await("all frames are read", () -> store.status().frames() == 30);
      await(
          "the refusal is told",
          () -> store.status().repositoryError().orElse("").contains("no room"));
      assertThat(store.status().packs()).isZero();

      full.set(false);

      cluster.awaitSealed("web", 31);
      assertThat(store.status().repositoryError()).isEmpty();
      assertThat(store.failure()).isNotDone();
    }
  }

  @Test
  void aPendingFrameThatIsGoneIsAHoleUntilItsBodyComesAgain(@TempDir Path folder) throws Exception {
    TestCluster cluster = new TestCluster(broker, "gone.", 1);
    byte[] plain = Changes.plain(1, 20_000);
    try (TestWriter writer = cluster.writer("web").begin()) {
      StepBlobStore blobs =
          new StepBlobStore(Repository.openStore(cluster.config(folder).repositoryUrl()));
      blobs.before =
          name -> {
            if (name.value().startsWith("packs/")) {
              throw new StoreFullException("no room", new IOException("ENOSPC"));
            }
          };
      writer.put("a", plain);
      try (ChunkStore store = ChunkStore.start(cluster.config(folder), blobs)) {
        cluster.awaitHead("web", head -> head.accepted().sequence() == 2);
        await("the frame is pending", () -> store.status().repositoryError().isPresent());
      }
      deleteBefore(cluster, cluster.topics.chunks().name(), 0, 1);

      try (ChunkStore store = ChunkStore.start(cluster.config(folder))) {
        Head faulty = cluster.awaitHead("web", head -> !head.sealingFault().isNone());
        assertThat(faulty.sealingFault().kind()).isEqualTo(Fault.Kind.MISSING_CHUNK);
        assertThat(faulty.sealingFault().chunks()).containsExactly(Changes.id(plain));
        assertThat(store.status().rejected()).isEqualTo(1);

        writer.put("a", plain);

        Head healed = cluster.awaitSealed("web", 3);
        assertThat(healed.sealingFault().isNone()).isTrue();
        assertThat(store.status().abandonedVersions()).isZero();
      }
    }
  }

  @Test
  void framesGoneBeforeTheyWereReadAreAHole(@TempDir Path folder) throws Exception {
    TestCluster cluster = new TestCluster(broker, "lost.", 1);
    byte[] lost = Changes.plain(1, 20_000);
    try (TestWriter writer = cluster.writer("web").begin()) {
      try (ChunkStore store = ChunkStore.start(cluster.config(folder))) {
        writer.put("z", Changes.plain(3, 10));
        cluster.awaitSealed("web", 2);
        assertThat(store.failure()).isNotDone();
      }
      writer.put("a", lost);
      deleteBefore(cluster, cluster.topics.chunks().name(), 0, 2);
      writer.put("b", Changes.plain(2, 20_000));

      try (ChunkStore store = ChunkStore.start(cluster.config(folder))) {
        Head faulty = cluster.awaitHead("web", head -> !head.sealingFault().isNone());
        assertThat(faulty.sealingFault().chunks()).containsExactly(Changes.id(lost));
        assertThat(store.failure()).isNotDone();

        writer.put("a", lost);

        cluster.awaitSealed("web", 5);
      }
    }
  }

  @Test
  void changesGoneBeforeTheyWereReadAreAFaultOfTheTree(@TempDir Path folder) throws Exception {
    TestCluster cluster = new TestCluster(broker, "skip.", 1);
    try (TestWriter writer = cluster.writer("web").begin()) {
      try (ChunkStore store = ChunkStore.start(cluster.config(folder))) {
        writer.send(writer.changes.symlink("a"));
        cluster.awaitSealed("web", 2);
        assertThat(store.failure()).isNotDone();
      }
      long last = writer.send(writer.changes.symlink("b"));
      deleteBefore(cluster, cluster.topics.changes().name(), partitionOf(cluster), last + 1);
      writer.send(writer.changes.heartbeat());

      try (ChunkStore store = ChunkStore.start(cluster.config(folder))) {
        Head faulty = cluster.awaitHead("web", head -> !head.accepted().fault().isNone());
        assertThat(faulty.accepted().fault().kind()).isEqualTo(Fault.Kind.LOST_RANGE);
        assertThat(store.failure()).isNotDone();
      }
    }
  }

  @Test
  void topicsMadeAgainBeginANewIncarnationAndKeepTheKnownChunks(@TempDir Path folder)
      throws Exception {
    TestCluster cluster = new TestCluster(broker, "again.", 2);
    byte[] old = Changes.plain(1, 20_000);
    try (ChunkStore store = ChunkStore.start(cluster.config(folder));
        TestWriter writer = cluster.writer("web").begin()) {
      writer.put("a", old);
      writer.put("b", Changes.plain(2, 20_000));
      cluster.awaitSealed("web", 3);
      assertThat(store.failure()).isNotDone();
    }
    try (Admin admin = Admin.create(cluster.connection.clientSettings())) {
      admin
          .deleteTopics(List.of(cluster.topics.chunks().name(), cluster.topics.changes().name()))
          .all()
          .get();
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptions()
        .until(() -> cluster.create(2).chunks().partitions() == 2);

    try (ChunkStore store = ChunkStore.start(cluster.config(folder));
        TestWriter writer = cluster.writer("web").begin()) {
      writer.put("a", old);
      writer.put("c", Changes.plain(3, 20_000));

      Head head = cluster.awaitSealed("web", Cursor.INCARNATION + 3);

      assertThat(head.sealed().changesTopic()).isEqualTo(cluster.topics.changes().id());
      assertThat(store.status().duplicates()).isEqualTo(1);
      assertThat(store.status().storedBytes()).isLessThan(25_000);
    }
  }

  @Test
  void aLostStateGoesOnFromTheRepository(@TempDir Path folder) throws Exception {
    TestCluster cluster = new TestCluster(broker, "state.", 1);
    try (TestWriter writer = cluster.writer("web").begin()) {
      writer.put("a", Changes.plain(1, 20_000));
      try (ChunkStore store = ChunkStore.start(cluster.config(folder))) {
        cluster.awaitSealed("web", 2);
        assertThat(store.failure()).isNotDone();
      }
      try (Admin admin = Admin.create(cluster.connection.clientSettings())) {
        String application = cluster.config(folder).applicationId();
        List<String> logs =
            admin.listTopics().names().get().stream()
                .filter(name -> name.startsWith(application + "-"))
                .toList();
        admin.deleteTopics(logs).all().get();
        await(
            "the group is empty",
            () -> {
              admin.deleteConsumerGroups(List.of(application)).all().get();
              return true;
            });
      }
      writer.put("b", Changes.plain(2, 20_000));

      try (ChunkStore store =
          ChunkStore.start(
              ChunkStoreConfig.of(
                      cluster.connection,
                      folder.resolve("repository").toString(),
                      folder.resolve("other-state"))
                  .withFlushInterval(Duration.ofMillis(300)))) {
        cluster.awaitSealed("web", 3);
        assertThat(store.status().duplicates()).isEqualTo(1);
      }
      try (Repository repository = SealingTest.open(folder)) {
        assertThat(SealingTest.sealed(repository, "web")).hasSize(3);
      }
    }
  }

  @Test
  void aLogThatDisagreesWithTheRepositoryStopsTheTree(@TempDir Path folder) throws Exception {
    TestCluster cluster = new TestCluster(broker, "other.", 1);
    try (TestWriter writer = cluster.writer("web").begin()) {
      try (ChunkStore store = ChunkStore.start(cluster.config(folder))) {
        writer.send(writer.changes.symlink("a"));
        cluster.awaitSealed("web", 2);
        assertThat(store.failure()).isNotDone();
      }
      try (Repository repository = SealingTest.open(folder)) {
        SealedChange last = SealingTest.sealed(repository, "web").getLast();
        Cursor resume = repository.log(new TreeName("web")).resumePoint().orElseThrow();
        Origin origin = last.origin();
        repository
            .log(new TreeName("web"))
            .append(
                List.of(
                    new SealedChange(
                        3,
                        last.logTimeMillis(),
                        new Origin(
                            origin.changesTopic(),
                            origin.partition(),
                            origin.offset() + 7,
                            origin.epoch()),
                        last.change())),
                resumeAt(resume, 3));
      }
      writer.send(writer.changes.symlink("b"));

      try (ChunkStore store = ChunkStore.start(cluster.config(folder))) {
        Head head = cluster.awaitHead("web", h -> !h.sealingFault().isNone());
        assertThat(head.sealingFault().kind()).isEqualTo(Fault.Kind.DISAGREEMENT);
        assertThat(head.sealed().sequence()).isEqualTo(2);
        assertThat(store.failure()).isNotDone();
      }
    }
  }

  private static Cursor resumeAt(Cursor at, long sequence) {
    return new Cursor(
        at.changesTopic(),
        at.partition(),
        at.nextOffset(),
        at.epoch(),
        at.host(),
        at.number(),
        at.ended(),
        sequence,
        at.lastOffset(),
        at.logTimeMillis(),
        at.terms(),
        at.tags(),
        at.openScan(),
        at.scanCompleted(),
        at.fault());
  }

  @Test
  void anotherRepositoryIsRefusedByName(@TempDir Path folder) throws Exception {
    TestCluster cluster = new TestCluster(broker, "id.", 1);
    TestCluster elsewhere = new TestCluster(broker, "id2.", 1);
    ChunkStore.start(cluster.config(folder)).close();
    Path other = folder.resolve("other");
    ChunkStore.start(elsewhere.config(other)).close();

    assertThatThrownBy(() -> ChunkStore.start(cluster.config(other)))
        .isInstanceOf(ChunkStoreRefusedException.class)
        .hasMessageContaining(id(folder))
        .hasMessageContaining(id(other));
    assertThatThrownBy(() -> ChunkStore.start(cluster.config(folder.resolve("empty"))))
        .isInstanceOf(ChunkStoreRefusedException.class)
        .hasMessageContaining(id(folder));
  }

  private static String id(Path folder) throws Exception {
    try (Repository repository = SealingTest.open(folder)) {
      return repository.descriptor().id().toString();
    }
  }

  private static int partitionOf(TestCluster cluster) {
    return dev.tidemark.schemas.topic.Partitioning.of(
        new TreeName("web"), cluster.topics.changes().partitions());
  }

  private static void deleteBefore(TestCluster cluster, String topic, int partition, long offset)
      throws Exception {
    Map<TopicPartition, RecordsToDelete> records = new HashMap<>();
    records.put(new TopicPartition(topic, partition), RecordsToDelete.beforeOffset(offset));
    try (Admin admin = Admin.create(cluster.connection.clientSettings())) {
      admin.deleteRecords(records).all().get();
    }
  }

  private static void await(String what, java.util.concurrent.Callable<Boolean> condition) {
    Awaitility.await()
        .alias(what)
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptions()
        .until(condition);
  }
}
