package dev.tidemark.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.broker.EmbeddedBroker;
import dev.tidemark.repository.cleanup.ChunkOwners.Answers;
import dev.tidemark.repository.cleanup.ChunkOwners.Cut;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.store.cleanup.LoggedOwners;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clean-up's view of a real log, and of a chunk-store that answers. */
final class LoggedOwnersTest {
  @TempDir private static Path brokerFolder;
  private static EmbeddedBroker broker;

  @BeforeAll
  static void startBroker() throws IOException {
    broker = EmbeddedBroker.start(brokerFolder);
  }

  @AfterAll
  static void stopBroker() throws Exception {
    broker.close();
  }

  private static LoggedOwners owners(TestCluster cluster, Duration patience) {
    return new LoggedOwners(cluster.connection, cluster.topics, 2, patience);
  }

  private static List<Change> unsealed(Cut cut) throws IOException {
    List<Change> changes = new ArrayList<>();
    cut.forEachUnsealed(changes::add);
    return changes;
  }

  @Test
  void aStoredChunkIsReleasedOnceNothingYoungNamesIt(@TempDir Path folder) throws Exception {
    TestCluster cluster = new TestCluster(broker, "release.", 2);
    byte[] first = Changes.plain(1, 10_000);
    byte[] second = Changes.plain(2, 10_000);
    List<ChunkId> ids = List.of(Changes.id(first), Changes.id(second));
    try (ChunkStore store = ChunkStore.start(cluster.config(folder));
        TestWriter writer = cluster.writer("web").begin()) {
      writer.put("a", first);
      writer.put("b", second);
      cluster.awaitSealed("web", 3);
      LoggedOwners owners = owners(cluster, Duration.ofSeconds(60));

      Answers young = owners.cut(Duration.ofHours(24)).condemn(ids);
      Answers old = owners.cut(Duration.ofHours(-1)).condemn(ids);

      assertThat(young.refused()).containsExactlyInAnyOrderElementsOf(ids);
      assertThat(young.released()).isEmpty();
      assertThat(old.released()).containsExactlyInAnyOrderElementsOf(ids);
      long stored = store.status().packs();
      writer.put("c", first);
      cluster.awaitSealed("web", 4);
      assertThat(store.status().packs()).isEqualTo(stored + 1);
    }
  }

  @Test
  void whatIsNotSealedIsShownAndWhatIsSealedIsNot(@TempDir Path folder) throws Exception {
    TestCluster cluster = new TestCluster(broker, "unsealed.", 2);
    try (TestWriter writer = cluster.writer("web")) {
      try (ChunkStore store = ChunkStore.start(cluster.config(folder))) {
        writer.begin();
        writer.put("a", Changes.plain(1, 10_000));
        cluster.awaitSealed("web", 2);
        assertThat(store.failure()).isNotDone();
      }
      writer.put("b", Changes.plain(2, 10_000));
      try (TestWriter other = cluster.writer("home").begin()) {
        other.put("c", Changes.plain(3, 10_000));
      }

      List<Change> unsealed =
          unsealed(owners(cluster, Duration.ofSeconds(1)).cut(Duration.ofHours(24)));

      assertThat(unsealed).filteredOn(change -> change.tree().value().equals("web")).hasSize(1);
      assertThat(unsealed).filteredOn(change -> change.tree().value().equals("home")).hasSize(2);
    }
  }

  @Test
  void withoutAChunkStoreNobodyAnswers() throws Exception {
    TestCluster cluster = new TestCluster(broker, "nobody.", 2);

    Answers answers =
        owners(cluster, Duration.ofMillis(500))
            .cut(Duration.ofHours(24))
            .condemn(List.of(Changes.id(Changes.plain(1, 10))));

    assertThat(answers.released()).isEmpty();
    assertThat(answers.refused()).isEmpty();
  }
}
