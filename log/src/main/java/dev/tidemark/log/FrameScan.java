package dev.tidemark.log;

import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.topic.Partitioning;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Looks for frames whose positions nobody knows: reads the partitions that they belong into from
 * their beginning, which costs as much as what the chunks topic holds.
 */
public final class FrameScan {
  private static final Duration POLL = Duration.ofMillis(200);

  private FrameScan() {}

  /** Takes what is found. */
  @FunctionalInterface
  public interface Finder {
    /**
     * @param frame not checked against the id
     */
    void found(ChunkId id, byte[] frame) throws IOException;
  }

  /**
   * Shows the frames of {@code wanted} that the topic still holds, each once.
   *
   * @param partitions in how many the chunks are spread: that of the repository's descriptor
   * @throws BrokerUnreachableException if the broker stops answering for 30 s
   * @throws IOException also what {@code onFound} throws
   */
  public static void find(
      LogConnection connection,
      LogTopics topics,
      int partitions,
      Set<ChunkId> wanted,
      Finder onFound)
      throws IOException {
    Set<Integer> numbers = new HashSet<>();
    wanted.forEach(id -> numbers.add(Partitioning.of(id, partitions)));
    String topic = topics.chunks().name();
    List<TopicPartition> read =
        numbers.stream().sorted().map(number -> new TopicPartition(topic, number)).toList();
    Set<ChunkId> left = new HashSet<>(wanted);
    try (Consumer<byte[], byte[]> consumer = LogClients.reader(connection, ReadMode.BULK)) {
      Map<TopicPartition, Long> ends = consumer.endOffsets(read);
      consumer.assign(read);
      consumer.beginningOffsets(read).forEach(consumer::seek);
      long progress = System.nanoTime();
      long reached = -1;
      while (!left.isEmpty()) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          take(record, left, onFound);
        }
        long sum = 0;
        boolean ended = true;
        for (TopicPartition partition : read) {
          long position = consumer.position(partition);
          sum += position;
          ended &= position >= ends.getOrDefault(partition, 0L);
        }
        if (ended) {
          return;
        }
        if (sum > reached) {
          reached = sum;
          progress = System.nanoTime();
        } else if (System.nanoTime() - progress > LogFailures.PATIENCE.toNanos()) {
          throw new BrokerUnreachableException(
              connection, "reading topic " + topic, LogFailures.PATIENCE);
        }
      }
    } catch (KafkaException e) {
      throw LogFailures.translate(connection, "reading topic " + topic, e);
    }
  }

  private static void take(ConsumerRecord<byte[], byte[]> record, Set<ChunkId> left, Finder onFound)
      throws IOException {
    byte[] key = record.key();
    byte[] frame = record.value();
    if (frame != null && key != null && key.length == ChunkId.BYTES) {
      ChunkId id = ChunkId.of(key);
      if (left.remove(id)) {
        onFound.found(id, frame);
      }
    }
  }
}
