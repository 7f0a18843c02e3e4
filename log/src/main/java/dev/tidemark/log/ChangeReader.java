package dev.tidemark.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.codec.UnreadableRecordException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The changes of one partition, of all its trees, in order, from an offset on. Not thread-safe, but
 * for {@link #wakeup()}.
 *
 * <p>A record that is no readable change, or whose key is not its tree, is left out, counted and
 * logged. That hides no change of a writer: its numbers have no gaps, so the change or heartbeat
 * after it shows the loss. Whether a tree belongs in this partition is for the caller to check, by
 * the count in the repository's descriptor.
 */
public final class ChangeReader implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ChangeReader.class);

  private final LogConnection connection;
  private final TopicPartition partition;
  private final Consumer<byte[], byte[]> consumer;
  private long rejected;

  /** Reads nothing yet; a lost offset shows at the first {@link #poll}. */
  public ChangeReader(LogConnection connection, LogTopics topics, int partition, long fromOffset) {
    this.connection = connection;
    this.partition = new TopicPartition(topics.changes().name(), partition);
    this.consumer = LogClients.reader(connection, ReadMode.FOLLOW);
    consumer.assign(List.of(this.partition));
    consumer.seek(this.partition, fromOffset);
  }

  /**
   * The next changes, at most 1,000; none if there are none within {@code timeout}, the broker
   * being away included.
   *
   * @throws OffsetLostException if the log does not have the next offset any more
   */
  public List<LogRecord> poll(Duration timeout) throws IOException {
    try {
      List<LogRecord> changes = new ArrayList<>();
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(timeout)) {
        decode(record).ifPresent(changes::add);
      }
      return changes;
    } catch (OffsetOutOfRangeException e) {
      throw new OffsetLostException(
          partition.topic(), partition.partition(), position(), beginningOffset(), endOffset());
    } catch (org.apache.kafka.common.errors.WakeupException e) {
      return List.of();
    } catch (KafkaException e) {
      throw LogFailures.translate(connection, "reading " + partition, e);
    }
  }

  /** Offset of the next record that {@link #poll} will look at. */
  public long position() throws IOException {
    try {
      return unlessWoken(() -> consumer.position(partition));
    } catch (KafkaException e) {
      throw LogFailures.translate(connection, "reading " + partition, e);
    }
  }

  /** One past the last committed record; asks the broker. */
  public long endOffset() throws IOException {
    try {
      return unlessWoken(() -> consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L));
    } catch (KafkaException e) {
      throw LogFailures.translate(connection, "asking for the end of " + partition, e);
    }
  }

  /** The first offset that the log still has; asks the broker. */
  public long beginningOffset() throws IOException {
    try {
      return unlessWoken(
          () -> consumer.beginningOffsets(List.of(partition)).getOrDefault(partition, 0L));
    } catch (KafkaException e) {
      throw LogFailures.translate(connection, "asking for the beginning of " + partition, e);
    }
  }

  /** A wakeup is meant for a wait: what asks the broker is asked again. */
  private static long unlessWoken(LongSupplier question) {
    try {
      return question.getAsLong();
    } catch (org.apache.kafka.common.errors.WakeupException e) {
      return question.getAsLong();
    }
  }

  /** Goes on at {@code offset}. */
  public void seek(long offset) {
    consumer.seek(partition, offset);
  }

  /** Records left out so far because they are no changes. */
  public long rejected() {
    return rejected;
  }

  /** From any thread: ends a {@link #poll} that waits, or the next one, at once. */
  public void wakeup() {
    consumer.wakeup();
  }

  @Override
  public void close() {
    consumer.close();
  }

  private Optional<LogRecord> decode(ConsumerRecord<byte[], byte[]> record) {
    String key = record.key() == null ? "" : new String(record.key(), UTF_8);
    if (record.value() == null) {
      return reject(record, key, "it has no value");
    }
    try {
      Change change = Records.decodeChange(record.value());
      if (!change.tree().value().equals(key)) {
        return reject(record, key, "its change is of tree " + change.tree());
      }
      return Optional.of(new LogRecord(record.offset(), record.timestamp(), key, change));
    } catch (UnreadableRecordException e) {
      return reject(record, key, e.toString());
    }
  }

  private Optional<LogRecord> reject(
      ConsumerRecord<byte[], byte[]> record, String key, String reason) {
    rejected++;
    log.atWarn()
        .addKeyValue("topic", record.topic())
        .addKeyValue("partition", record.partition())
        .addKeyValue("offset", record.offset())
        .addKeyValue("key", key)
        .addKeyValue("reason", reason)
        .log("record is no change and was left out");
    return Optional.empty();
  }
}
