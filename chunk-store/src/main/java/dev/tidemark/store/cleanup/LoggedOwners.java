package dev.tidemark.store.cleanup;

import dev.tidemark.log.AccessDeniedByBrokerException;
import dev.tidemark.log.Heads;
import dev.tidemark.log.LogClients;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogTopics;
import dev.tidemark.log.ReadMode;
import dev.tidemark.log.TopicHandle;
import dev.tidemark.repository.cleanup.ChunkOwners;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Head;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * The owners of chunks, asked through the topics {@code condemned} and {@code released}.
 *
 * <p>{@link #cut} takes the broker's time first and the ends of the log last: whatever comes behind
 * the ends has a later time, and frames that it may rely on are younger than the grace before it.
 */
public final class LoggedOwners implements ChunkOwners {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final LogConnection connection;
  private final LogTopics topics;
  private final int chunksPartitions;
  private final Duration answerPatience;

  /**
   * @param chunksPartitions the count by which chunk ids are partitioned
   * @param answerPatience how long the owners may say nothing before what they were asked counts as
   *     in use
   */
  public LoggedOwners(
      LogConnection connection, LogTopics topics, int chunksPartitions, Duration answerPatience) {
    this.connection = connection;
    this.topics = topics;
    this.chunksPartitions = chunksPartitions;
    this.answerPatience = answerPatience;
  }

  @Override
  public Cut cut(Duration grace) throws IOException {
    long brokerMillis = brokerMillis();
    Map<Integer, Long> unsealedFrom = unsealedFrom();
    try (Consumer<byte[], byte[]> reader = LogClients.reader(connection, ReadMode.BULK)) {
      List<TopicPartition> changes = partitions(topics.changes());
      Map<TopicPartition, Long> first = reader.beginningOffsets(changes);
      Map<TopicPartition, Long> end = reader.endOffsets(changes);
      List<LogCut.Stretch> unsealed = new ArrayList<>();
      for (TopicPartition partition : changes) {
        long from =
            Math.max(
                first.getOrDefault(partition, 0L),
                unsealedFrom.getOrDefault(partition.partition(), 0L));
        unsealed.add(new LogCut.Stretch(partition, from, end.getOrDefault(partition, 0L)));
      }
      return new LogCut(
          connection,
          topics,
          chunksPartitions,
          answerPatience,
          unsealed,
          bases(reader, brokerMillis - grace.toMillis()));
    } catch (KafkaException e) {
      throw denied(connection, "reading the log", e)
          .orElse(new IOException("the log could not be read for clean-up: " + e.getMessage(), e));
    }
  }

  /**
   * The time that the broker gives to a record of now. What is sent says nothing: it has neither
   * key nor value.
   */
  private long brokerMillis() throws IOException {
    try (Producer<byte[], byte[]> producer = LogClients.changeProducer(connection)) {
      return producer
          .send(new ProducerRecord<>(topics.released().name(), 0, null, null))
          .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
          .timestamp();
    } catch (ExecutionException | TimeoutException e) {
      throw denied(connection, "writing to topic " + topics.released().name(), e)
          .orElse(
              new IOException("the broker could not be asked for its time: " + e.getMessage(), e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  /**
   * Per partition of the changes topic, the offset before which everything that counts is sealed.
   * All heads are of one moment, since they are of one partition: up to the furthest of them the
   * cataloguer had read the partition, so that a tree without a head has nothing before that.
   */
  private Map<Integer, Long> unsealedFrom() throws IOException {
    Map<Integer, Long> read = new HashMap<>();
    Map<Integer, Long> sealed = new HashMap<>();
    for (Head head : Heads.readAll(connection, topics).values()) {
      Cursor accepted = head.accepted();
      if (accepted.changesTopic().equals(topics.changes().id())) {
        read.merge(accepted.partition(), accepted.nextOffset(), Math::max);
        if (accepted.sequence() != head.sealed().sequence()) {
          boolean sameLog = head.sealed().changesTopic().equals(topics.changes().id());
          long from = sameLog ? head.sealed().nextOffset() : 0;
          sealed.merge(accepted.partition(), from, Math::min);
        }
      }
    }
    Map<Integer, Long> from = new HashMap<>(read);
    sealed.forEach((partition, offset) -> from.merge(partition, offset, Math::min));
    return from;
  }

  /** Per partition of the chunks topic, the last offset whose time is before {@code millis}. */
  private Map<Integer, Long> bases(Consumer<byte[], byte[]> reader, long millis) {
    List<TopicPartition> chunks = partitions(topics.chunks());
    Map<TopicPartition, Long> end = reader.endOffsets(chunks);
    Map<TopicPartition, Long> times = new HashMap<>();
    chunks.forEach(partition -> times.put(partition, millis));
    Map<TopicPartition, OffsetAndTimestamp> found = reader.offsetsForTimes(times);
    Map<Integer, Long> bases = new HashMap<>();
    for (TopicPartition partition : chunks) {
      OffsetAndTimestamp younger = found.get(partition);
      long next = younger == null ? end.getOrDefault(partition, 0L) : younger.offset();
      bases.put(partition.partition(), next - 1);
    }
    return bases;
  }

  static Optional<IOException> denied(LogConnection connection, String doing, Exception failure) {
    return AccessDeniedByBrokerException.find(connection, doing, failure)
        .map(IOException.class::cast);
  }

  private static List<TopicPartition> partitions(TopicHandle topic) {
    List<TopicPartition> partitions = new ArrayList<>();
    for (int partition = 0; partition < topic.partitions(); partition++) {
      partitions.add(new TopicPartition(topic.name(), partition));
    }
    return partitions;
  }
}
