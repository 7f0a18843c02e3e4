package dev.tidemark.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Current value per key of a compacted topic whose keys are text. */
public final class CompactedTopic {
  private static final Duration POLL = Duration.ofMillis(200);

  private CompactedTopic() {}

  /**
   * Reads the topic to the end that it has now.
   *
   * @return newest value per key in the order of first appearance, without deleted keys
   * @throws BrokerUnreachableException if the broker stops answering for 30 s
   */
  public static Map<String, byte[]> read(LogConnection connection, TopicHandle topic)
      throws IOException {
    Map<String, byte[]> values = new LinkedHashMap<>();
    replay(
        connection,
        topic,
        (key, value) -> {
          if (value == null) {
            values.remove(key);
          } else {
            values.put(key, value);
          }
        });
    return values;
  }

  /**
   * Replays the topic and goes on with what is written to it, on a thread of its own that calls
   * {@code onValue}; a null value means that the key was deleted. A key's older values may be seen
   * too, each before the newer ones, and all of them again after a fault of the log.
   */
  public static Follower follow(
      LogConnection connection, TopicHandle topic, BiConsumer<String, byte @Nullable []> onValue) {
    return follow(connection, topic, onValue, _ -> {});
  }

  /**
   * The same for those to whom it matters that nothing comes any more.
   *
   * @param onFailure called once if the thread ends by itself
   */
  public static Follower follow(
      LogConnection connection,
      TopicHandle topic,
      BiConsumer<String, byte @Nullable []> onValue,
      java.util.function.Consumer<IOException> onFailure) {
    return Follower.start(connection, topic, onValue, onFailure);
  }

  /** Hands over every record up to the end of now, older values of a key included. */
  static void replay(
      LogConnection connection, TopicHandle topic, BiConsumer<String, byte @Nullable []> onValue)
      throws IOException {
    String doing = "reading topic " + topic.name();
    // Not made for following: to close would wait out the last fetch, half a second.
    try (Consumer<byte[], byte[]> consumer = LogClients.reader(connection, ReadMode.BULK)) {
      List<TopicPartition> partitions = partitions(topic);
      consumer.assign(partitions);
      Map<TopicPartition, Long> ends = new HashMap<>(consumer.endOffsets(partitions));
      // Positions at once, so that a poll does not have to ask for them again.
      consumer.beginningOffsets(partitions).forEach(consumer::seek);
      long progress = System.nanoTime();
      while (!reached(consumer, ends)) {
        long before = positions(consumer, partitions);
        consumer.poll(POLL).forEach(record -> accept(record, onValue));
        if (positions(consumer, partitions) != before) {
          progress = System.nanoTime();
        } else if (System.nanoTime() - progress > LogFailures.PATIENCE.toNanos()) {
          throw new BrokerUnreachableException(connection, doing, LogFailures.PATIENCE);
        }
      }
    } catch (KafkaException e) {
      throw LogFailures.translate(connection, doing, e);
    }
  }

  static List<TopicPartition> partitions(TopicHandle topic) {
    return IntStream.range(0, topic.partitions())
        .mapToObj(partition -> new TopicPartition(topic.name(), partition))
        .toList();
  }

  static boolean reached(Consumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
    ends.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue());
    return ends.isEmpty();
  }

  static void accept(
      ConsumerRecord<byte[], byte[]> record, BiConsumer<String, byte @Nullable []> onValue) {
    // A record without a key says nothing about any key.
    if (record.key() != null) {
      onValue.accept(new String(record.key(), UTF_8), record.value());
    }
  }

  private static long positions(Consumer<byte[], byte[]> consumer, List<TopicPartition> all) {
    return all.stream().mapToLong(consumer::position).sum();
  }
}
