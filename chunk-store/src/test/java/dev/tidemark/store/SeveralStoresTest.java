package dev.tidemark.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.broker.EmbeddedBroker;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.verify.VerifyMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
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
  void nothingIsLostWhileStoresJoinAndOneIsKilledAndComesBack(@TempDir Path folder)
      throws Exception {
    play("joins", folder, World::joinAndKill);
  }

  /** Takes as long as the group takes to miss its members. */
  @Tag("churn")
  @Test
  void nothingIsLostWhileStoresLeaveLoseTheirStateAndDieForGood(@TempDir Path folder)
      throws Exception {
    play(
        "leaves",
        folder,
        world -> {
          world.joinAndKill();
          world.leaveAndLoseState();
          world.dieForGood();
        });
  }

  private interface Play {
    void run(World world) throws Exception;
  }

  private static void play(String name, Path folder, Play play) throws Exception {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    TestCluster cluster = new TestCluster(broker, name + ".", 4);
    try (LoadedTree web = new LoadedTree(cluster, "web", seed);
        LoadedTree db = new LoadedTree(cluster, "db", seed + 1)) {
      try (World world = new World(cluster, folder, web)) {
        play.run(world);
        web.stop();
        db.stop();
        cluster.awaitSealed("web", web.sequence());
        cluster.awaitSealed("db", db.sequence());
        world.assertAlive();
      }
      assertSound(folder, web, db);
    }
  }

  /** Chunk-stores a, b and c, of which each has its own state. */
  private static final class World implements AutoCloseable {
    private final TestCluster cluster;
    private final Path folder;
    private final LoadedTree tree;
    private final Members members;
    private final Map<String, ChunkStore> stores = new TreeMap<>();

    World(TestCluster cluster, Path folder, LoadedTree tree) {
      this.cluster = cluster;
      this.folder = folder;
      this.tree = tree;
      members = new Members(cluster, folder);
    }

    private void start(String name) throws IOException {
      stores.put(name, ChunkStore.start(cluster.config(folder, name)));
    }

    private void stop(String name) throws IOException {
      ChunkStore store = stores.get(name);
      if (store != null) {
        store.close();
        stores.remove(name);
      }
    }

    private void settle(String... owners) throws Exception {
      members.awaitOwners(Stream.of(owners).map(folder::resolve).toArray(Path[]::new));
      awaitProgress(cluster, tree);
    }

    void joinAndKill() throws Exception {
      start("a");
      cluster.awaitSealed(tree.name().value(), 2);
      start("b");
      settle("a", "b");
      try (StoreProcess process = StoreProcess.start(cluster, folder, folder.resolve("c"))) {
        settle("a", "b", "c");
        process.kill();
      }
      // Back before the group has missed it.
      start("c");
      settle("a", "b", "c");
    }

    void leaveAndLoseState() throws Exception {
      stop("c");
      stop("a");
      delete(folder.resolve("a"));
      start("a");
      settle("a", "b");
    }

    void dieForGood() throws Exception {
      stop("a");
      try (StoreProcess process = StoreProcess.start(cluster, folder, folder.resolve("a"))) {
        settle("a", "b");
        process.kill();
      }
      settle("b");
    }

    void assertAlive() {
      for (ChunkStore store : stores.values()) {
        assertThat(store.failure()).isNotDone();
        assertThat(store.status().abandonedVersions()).isZero();
      }
    }

    @Override
    public void close() throws IOException {
      members.close();
      for (ChunkStore store : stores.values()) {
        store.close();
      }
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
