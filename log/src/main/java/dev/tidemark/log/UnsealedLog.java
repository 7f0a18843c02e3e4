package dev.tidemark.log;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Head;
import dev.tidemark.schemas.cursor.Watermark;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * How old what only the log holds is, by the times that the broker gave it. Looked at from outside,
 * so that it can be told while no chunk-store runs; a record for each answer is read. Not
 * thread-safe.
 */
public final class UnsealedLog implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(200);

  private final LogConnection connection;
  private final LogTopics topics;
  private final Consumer<byte[], byte[]> consumer;

  public UnsealedLog(LogConnection connection, LogTopics topics) {
    this.connection = connection;
    this.topics = topics;
    consumer = LogClients.reader(connection, ReadMode.FOLLOW);
  }

  /**
   * The time of the first frame above the watermark, of each partition of chunks that has any.
   *
   * @throws IOException also if a watermark is of a newer version
   */
  public Map<Integer, Long> oldestFrames() throws IOException {
    Map<String, byte[]> watermarks = CompactedTopic.read(connection, topics.watermarks());
    Map<Integer, Long> oldest = new TreeMap<>();
    for (int partition = 0; partition < topics.chunks().partitions(); partition++) {
      long from = 0;
      byte[] value = watermarks.get(Integer.toString(partition));
      if (value != null) {
        Watermark watermark = Records.decodeWatermark(value);
        from = watermark.chunksTopic().equals(topics.chunks().id()) ? watermark.offset() + 1 : 0;
      }
      OptionalLong time =
          firstTime(new TopicPartition(topics.chunks().name(), partition), from, _ -> true);
      if (time.isPresent()) {
        oldest.put(partition, time.getAsLong());
      }
    }
    return oldest;
  }

  /** The time of a tree's first change that counts and is not sealed; empty if all are. */
  public OptionalLong oldestChange(Head head) throws IOException {
    return oldestChange(head.tree(), head.accepted(), head.sealed());
  }

  /** The same where more may be sealed than the head tells. */
  public OptionalLong oldestChange(TreeName tree, Cursor accepted, Cursor sealed)
      throws IOException {
    boolean ofThisLog = sealed.changesTopic().equals(topics.changes().id());
    if (!ofThisLog || accepted.sequence() == sealed.sequence()) {
      return OptionalLong.empty();
    }
    return firstTime(
        new TopicPartition(topics.changes().name(), sealed.partition()),
        sealed.nextOffset(),
        record -> isChangeOf(tree, record));
  }

  private static boolean isChangeOf(TreeName tree, ConsumerRecord<byte[], byte[]> record) {
    try {
      Change change = Records.decodeChange(record.value());
      return change.tree().equals(tree) && !(change.body() instanceof Change.Heartbeat);
    } catch (IOException | RuntimeException unreadable) {
      return false; // The chunk-store counts it and passes it, too.
    }
  }

  /**
   * The time of the first record that no chunk-store has read, of each partition of changes that
   * has any.
   *
   * @param heads of all trees
   */
  public Map<Integer, Long> oldestUnread(Collection<Head> heads) throws IOException {
    Map<Integer, Long> oldest = new TreeMap<>();
    for (int partition = 0; partition < topics.changes().partitions(); partition++) {
      int of = partition;
      long from =
          heads.stream()
              .map(Head::accepted)
              .filter(at -> at.changesTopic().equals(topics.changes().id()))
              .filter(at -> at.partition() == of)
              .mapToLong(at -> at.nextOffset())
              .max()
              .orElse(0);
      OptionalLong time =
          firstTime(new TopicPartition(topics.changes().name(), partition), from, _ -> true);
      if (time.isPresent()) {
        oldest.put(partition, time.getAsLong());
      }
    }
    return oldest;
  }

  private OptionalLong firstTime(
      TopicPartition partition, long from, Predicate<ConsumerRecord<byte[], byte[]>> wanted)
      throws IOException {
    try {
      consumer.assign(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
      long begin = consumer.beginningOffsets(List.of(partition)).getOrDefault(partition, 0L);
      consumer.seek(partition, Math.max(from, begin));
      long progress = System.nanoTime();
      long position = consumer.position(partition);
      while (position < end) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          if (wanted.test(record)) {
            return OptionalLong.of(record.timestamp());
          }
        }
        long now = consumer.position(partition);
        if (now > position) {
          position = now;
          progress = System.nanoTime();
        } else if (System.nanoTime() - progress > LogFailures.PATIENCE.toNanos()) {
          throw new BrokerUnreachableException(
              connection, "reading " + partition, LogFailures.PATIENCE);
        }
      }
      return OptionalLong.empty();
    } catch (KafkaException e) {
      throw LogFailures.translate(connection, "reading " + partition, e);
    }
  }

  @Override
  public void close() {
    consumer.close();
  }
}
