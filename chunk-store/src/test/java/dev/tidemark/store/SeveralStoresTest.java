package dev.tidemark.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.broker.EmbeddedBroker;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.verify.VerifyMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two and three chunk-stores on one log and one repository, while trees are written. */
final class SeveralStoresTest {
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
  void nothingIsLostWhileStoresJoinLeaveAndAreKilled(@TempDir Path folder) throws Exception {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    TestCluster cluster = new TestCluster(broker, "several.", 4);
    Path a = folder.resolve("a");
    Path b = folder.resolve("b");
    Path c = folder.resolve("c");
    try (Members members = new Members(cluster, folder);
        LoadedTree web = new LoadedTree(cluster, "web", seed);
        LoadedTree db = new LoadedTree(cluster, "db", seed + 1)) {
      ChunkStore first = ChunkStore.start(cluster.config(folder, "a"));
      ChunkStore second = null;
      try {
        cluster.awaitSealed("web", 2);
        second = ChunkStore.start(cluster.config(folder, "b"));
        members.awaitOwners(a, b);
        try (StoreProcess third = StoreProcess.start(cluster, folder, c)) {
          members.awaitOwners(a, b, c);
          awaitProgress(cluster, web);

          third.kill();
        }
        // It comes back before the group has missed it, and leaves again in order.
        ChunkStore back = ChunkStore.start(cluster.config(folder, "c"));
        members.awaitOwners(a, b, c);
        awaitProgress(cluster, db);
        back.close();
        first.close();
        delete(a);
        first = ChunkStore.start(cluster.config(folder, "a"));
        members.awaitOwners(a, b);
        awaitProgress(cluster, web);

        web.stop();
        db.stop();
        cluster.awaitSealed("web", web.sequence());
        cluster.awaitSealed("db", db.sequence());
        for (ChunkStore store : List.of(first, second)) {
          assertThat(store.failure()).isNotDone();
          assertThat(store.status().abandonedVersions()).isZero();
        }
      } finally {
        first.close();
        if (second != null) {
          second.close();
        }
      }
      assertSound(folder, web, db);
    }
  }

  static void awaitProgress(TestCluster cluster, LoadedTree tree) {
    cluster.awaitSealed(tree.name().value(), tree.sequence() + 20);
  }

  static void assertSound(Path folder, LoadedTree... trees) throws Exception {
    try (Repository repository = SealingTest.open(folder)) {
      assertThat(repository.verify(VerifyMode.READ_DATA).damages()).isEmpty();
      for (LoadedTree tree : trees) {
        assertThat(SealingTest.sealed(repository, tree.name().value()))
            .hasSize((int) tree.sequence());
        tree.assertRestores(repository, 8);
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
