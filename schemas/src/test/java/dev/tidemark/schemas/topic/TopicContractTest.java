package dev.tidemark.schemas.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.chunk.ChunkBounds;
import dev.tidemark.schemas.topic.TopicContract.TopicSpec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class TopicContractTest {
  private static final TopicContract ONE_BROKER = new TopicContract("tidemark.", 8, 4, 1);
  private static final TopicContract CLUSTER = new TopicContract("backup-", 8, 4, 3);

  @Test
  void everyTopicIsThereOnceWithItsPrefix() {
    assertThat(CLUSTER.all().stream().map(TopicSpec::name))
        .containsExactlyInAnyOrder(
            "backup-chunks",
            "backup-changes",
            "backup-watermarks",
            "backup-heads",
            "backup-standbys",
            "backup-repository",
            "backup-condemned",
            "backup-released",
            "backup-commands");
  }

  /** A producer's clock a week behind would let the broker delete a frame before it is packed. */
  @Test
  void noTopicTrustsAProducersClockOrASizeToDelete() {
    assertThat(ONE_BROKER.all())
        .allSatisfy(
            topic -> {
              assertThat(topic.settings())
                  .containsEntry("message.timestamp.type", "LogAppendTime")
                  .containsEntry("unclean.leader.election.enable", "false");
              if ("delete".equals(topic.settings().get("cleanup.policy"))) {
                assertThat(topic.settings()).containsEntry("retention.bytes", "-1");
              }
            });
  }

  @Test
  void whatIsAStateIsCompactedAndWhatIsAnEventIsKeptForATime() {
    assertThat(ONE_BROKER.chunks().settings())
        .containsEntry("cleanup.policy", "delete")
        .containsEntry("retention.ms", Long.toString(Duration.ofDays(7).toMillis()));
    assertThat(ONE_BROKER.changes().settings())
        .containsEntry("retention.ms", Long.toString(Duration.ofDays(30).toMillis()));
    assertThat(ONE_BROKER.heads().settings()).containsEntry("cleanup.policy", "compact");
    assertThat(ONE_BROKER.repository().partitions()).isEqualTo(1);
  }

  @Test
  void withReplicationTwoCopiesMustBeInStepAndWithOneBrokerNone() {
    assertThat(CLUSTER.all())
        .allSatisfy(
            topic -> {
              assertThat(topic.replication()).isEqualTo(3);
              assertThat(topic.settings()).containsEntry("min.insync.replicas", "2");
            });
    assertThat(ONE_BROKER.all())
        .allSatisfy(topic -> assertThat(topic.settings()).doesNotContainKey("min.insync.replicas"));
  }

  @Test
  void answersAboutChunksArePartitionedAsChunksAre() {
    assertThat(CLUSTER.condemned().partitions()).isEqualTo(CLUSTER.chunks().partitions());
    assertThat(CLUSTER.released().partitions()).isEqualTo(CLUSTER.chunks().partitions());
  }

  @Test
  void countsBelowOneAreRefused() {
    assertThatThrownBy(() -> new TopicContract("t.", 0, 4, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new TopicContract("t.", 8, 4, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aDescriptorDoesNotShowItsSecret() {
    byte[] seed = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    var descriptor =
        new RepositoryDescriptor(new UUID(1, 1), 1, 0, ChunkBounds.DEFAULT, Bytes.of(seed), 8, 4);

    assertThat(Map.of("descriptor", descriptor).toString()).doesNotContain("0123456789abcdef0");
  }
}
