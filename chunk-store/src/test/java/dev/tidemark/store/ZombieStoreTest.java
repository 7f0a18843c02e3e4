package dev.tidemark.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.broker.EmbeddedBroker;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.pack.PackId;
import dev.tidemark.repository.pack.PackedChunk;
import dev.tidemark.schemas.chunk.ChunkId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A former owner of partitions whose writes end after another has taken over and written. */
final class ZombieStoreTest {
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
  @ValueSource(strings = {"packs/", "index/", "/log/"})
  void aPutThatEndsAfterAnotherHasTakenOverIsAtMostWaste(String blobs, @TempDir Path folder)
      throws Exception {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    TestCluster cluster = new TestCluster(broker, "held-" + blobs.replace("/", "") + ".", 4);
    Set<String> held = ConcurrentHashMap.newKeySet();
    Set<String> ended = ConcurrentHashMap.newKeySet();
    CountDownLatch release = new CountDownLatch(1);
    StepBlobStore blobStore =
        new StepBlobStore(Repository.openStore(folder.resolve("repository").toString()));
    blobStore.before =
        name -> {
          if (name.value().contains(blobs)) {
            held.add(folderOf(name));
            awaitUninterrupted(release);
          }
        };
    blobStore.after = name -> ended.add(folderOf(name));
    // One tree in each partition of changes, so that one of them moves.
    try (Members members = new Members(cluster, folder);
        LoadedTree web = new LoadedTree(cluster, treeIn(cluster, 0), seed);
        LoadedTree db = new LoadedTree(cluster, treeIn(cluster, 1), seed + 1);
        ChunkStore former = ChunkStore.start(cluster.config(folder, "a"), blobStore)) {
      web.awaitChanges(30);
      db.awaitChanges(30);
      web.stop();
      db.stop();
      // Of each tree a segment, since either may move; a pack has frames of all partitions.
      await(() -> held.size() >= (blobs.equals("/log/") ? 2 : 1));
      try (ChunkStore owner = ChunkStore.start(cluster.config(folder, "b"))) {
        members.awaitOwners(folder.resolve("a"), folder.resolve("b"));
        await(
            () ->
                blobs.equals("/log/") ? owner.status().segments() > 0 : owner.status().packs() > 0);

        release.countDown();

        cluster.awaitSealed(web.name().value(), web.sequence());
        cluster.awaitSealed(db.name().value(), db.sequence());
        assertThat(owner.failure()).isNotDone();
        assertThat(former.failure()).isNotDone();
        // The same segment has the same name: of two that seal the same, nothing is left over.
        await(() -> ended.containsAll(held) && (blobs.equals("/log/") || isAnyChunkTwice(folder)));
      } finally {
        release.countDown();
      }
      SeveralStoresTest.assertSound(folder, web, db);
    }
  }

  /** Takes as long as the group takes to miss a member and the broker to end its transaction. */
  @Tag("churn")
  @Test
  void aStoreThatStoodStillWhileAnotherTookOverLosesNothing(@TempDir Path folder) throws Exception {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    TestCluster cluster = new TestCluster(broker, "stopped.", 2);
    Path a = folder.resolve("a");
    Path b = folder.resolve("b");
    try (Members members = new Members(cluster, folder);
        LoadedTree web = new LoadedTree(cluster, "web", seed);
        StoreProcess former = StoreProcess.start(cluster, folder, a)) {
      SeveralStoresTest.awaitProgress(cluster, web);
      former.suspend();
      try (ChunkStore owner = ChunkStore.start(cluster.config(folder, "b"))) {
        members.awaitOwners(b);
        SeveralStoresTest.awaitProgress(cluster, web);

        former.resume();

        members.awaitOwners(a, b);
        SeveralStoresTest.awaitProgress(cluster, web);
        web.stop();
        cluster.awaitSealed("web", web.sequence());
        assertThat(owner.failure()).isNotDone();
        assertThat(owner.status().abandonedVersions()).isZero();
      }
      SeveralStoresTest.assertSound(folder, web);
    }
  }

  private static String folderOf(BlobName name) {
    return name.value().substring(0, Math.max(0, name.value().lastIndexOf('/')));
  }

  private static String treeIn(TestCluster cluster, int partition) {
    for (int i = 0; ; i++) {
      var name = new dev.tidemark.schemas.change.TreeName("tree" + i);
      if (dev.tidemark.schemas.topic.Partitioning.of(name, cluster.topics.changes().partitions())
          == partition) {
        return name.value();
      }
    }
  }

  /** A thread that stops is interrupted, the write that it has under way is not. */
  private static void awaitUninterrupted(CountDownLatch latch) {
    boolean interrupted = false;
    while (true) {
      try {
        latch.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether some chunk is there twice. */
  private static boolean isAnyChunkTwice(Path folder) {
    try (Repository repository = SealingTest.open(folder)) {
      List<PackId> packs = new ArrayList<>();
      repository
          .store()
          .list(PackId.FOLDER, status -> PackId.find(status.name()).ifPresent(packs::add));
      Set<ChunkId> seen = new HashSet<>();
      for (PackId pack : packs) {
        for (PackedChunk chunk : repository.packs().readTable(pack)) {
          if (!seen.add(chunk.id())) {
            return true;
          }
        }
      }
      return false;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static void await(BooleanSupplier condition) {
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(condition::getAsBoolean);
  }
}
