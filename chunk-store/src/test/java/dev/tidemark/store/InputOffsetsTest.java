package dev.tidemark.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.broker.EmbeddedBroker;
import dev.tidemark.log.CompactedTopic;
import dev.tidemark.schemas.codec.Records;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that starts while others of its group run. */
final class InputOffsetsTest {
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
  void whoCannotSetOffsetsForOthersTouchesNothing(@TempDir Path folder) throws Exception {
    TestCluster cluster = new TestCluster(broker, "joins.", 1);
    try (ChunkStore store = ChunkStore.start(cluster.config(folder));
        TestWriter writer = cluster.writer("web").begin();
        Admin admin = Admin.create(cluster.connection.clientSettings())) {
      writer.put("a", Changes.plain(1, 5_000));
      writer.put("b", Changes.plain(2, 5_000));
      cluster.awaitSealed("web", 3);
      InputOffsets joining =
          new InputOffsets(
              admin,
              cluster.connection,
              cluster.topics,
              cluster.config(folder).applicationId(),
              Duration.ofSeconds(1));
      TopicPartition chunks = new TopicPartition(cluster.topics.chunks().name(), 0);

      assertThatThrownBy(() -> joining.prepare(Map.of(chunks, 0L), List.of()))
          .isInstanceOf(ChunkStoreRefusedException.class)
          .hasMessageContaining("Stop the others");

      assertThat(watermark(cluster)).isEqualTo(1);
      joining.prepare(Map.of(), List.of());
      assertThat(store.failure()).isNotDone();
    }
  }

  private static long watermark(TestCluster cluster) throws Exception {
    Map<String, byte[]> values =
        CompactedTopic.read(cluster.connection, cluster.topics.watermarks());
    return Records.decodeWatermark(Objects.requireNonNull(values.get("0"))).offset();
  }
}
