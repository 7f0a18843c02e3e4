package dev.tidemark.watcher.publish;

import dev.tidemark.log.TopicHandle;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Body;
import dev.tidemark.schemas.change.Change.Cause;
import dev.tidemark.schemas.change.Change.Frames;
import dev.tidemark.schemas.change.Epoch;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.watcher.state.Step;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;

/**
 * Numbers the changes of one epoch and sends them, in order. A number is given once the change is
 * encoded and known to fit a record, so that no number is lost. Owned by the keeper.
 */
public final class ChangeSender implements AutoCloseable {
  /** A record with its key and headers must fit the broker's default limit of 1 MiB. */
  static final int MAX_CHANGE_BYTES = (1 << 20) - (16 << 10);

  private final Producer<byte[], byte[]> producer;
  private final TopicHandle topic;
  private final int partition;
  private final TreeName tree;
  private final UUID writer;
  private final byte[] key;
  private final Epoch epoch;
  private final Outcomes outcomes;
  private long number;

  /** Told for every change sent, on a thread of the producer that must not be held up. */
  public interface Outcomes {
    /**
     * @param offset where it stands in the log
     * @param logTimeMillis the broker's append time
     */
    void acknowledged(Sent sent, long offset, long logTimeMillis);

    /** It is not known whether it is in the log. The epoch has come to its end. */
    void failed(Sent sent, Exception cause);
  }

  /**
   * A change with its number.
   *
   * @param number 0 if it is not one of the epoch's numbered changes
   * @param steps what it makes of entries
   */
  public record Sent(long number, Body body, byte[] encoded, List<Step> steps) {}

  public ChangeSender(
      Producer<byte[], byte[]> producer,
      TopicHandle topic,
      int partition,
      TreeName tree,
      Epoch epoch,
      Outcomes outcomes) {
    this.producer = producer;
    this.topic = topic;
    this.partition = partition;
    this.tree = tree;
    this.writer = epoch.writer();
    this.epoch = epoch;
    this.outcomes = outcomes;
    this.key = tree.value().getBytes(StandardCharsets.UTF_8);
  }

  /** The last number given. */
  public long lastNumber() {
    return number;
  }

  public Epoch epoch() {
    return epoch;
  }

  /**
   * Encodes a change and gives it the next number.
   *
   * @param steps may be filled later, before the change is acknowledged
   * @throws ChangeTooLargeException if it does not fit a record; no number is given
   */
  public Sent number(Body body, Cause cause, Frames frames, long capturedAtMicros, List<Step> steps)
      throws ChangeTooLargeException {
    byte[] encoded = encode(number + 1, body, cause, frames, capturedAtMicros);
    if (encoded.length > MAX_CHANGE_BYTES) {
      throw new ChangeTooLargeException(encoded.length, MAX_CHANGE_BYTES);
    }
    number++;
    return new Sent(number, body, encoded, steps);
  }

  private byte[] encode(
      long withNumber, Body body, Cause cause, Frames frames, long capturedAtMicros) {
    return Records.encode(
        new Change(
            tree, epoch.offset(), withNumber, writer, capturedAtMicros, cause, frames, body));
  }

  /** A sign of life, which says which number was the last. */
  public Sent heartbeat(long capturedAtMicros) {
    Body beat = new Change.Heartbeat(number);
    return new Sent(0, beat, encode(0, beat, Cause.LIVE, Frames.NONE, capturedAtMicros), List.of());
  }

  /** A named instant, which has its own identity instead of a number. */
  public Sent tag(Change.Tag tag, long capturedAtMicros) {
    byte[] encoded =
        Records.encode(
            new Change(
                tree, Change.NO_EPOCH, 0, writer, capturedAtMicros, Cause.LIVE, Frames.NONE, tag));
    return new Sent(0, tag, encoded, List.of());
  }

  /**
   * Sends in the order of calls. Never waits as long as what is unacknowledged stays below the
   * producer's buffer.
   */
  public void send(Sent sent) {
    try {
      producer.send(
          new ProducerRecord<>(topic.name(), partition, key, sent.encoded()),
          (metadata, failure) -> {
            if (failure != null) {
              outcomes.failed(sent, failure);
            } else if (!metadata.hasOffset()) {
              outcomes.failed(
                  sent, new KafkaException("a change was acknowledged without an offset"));
            } else {
              outcomes.acknowledged(sent, metadata.offset(), metadata.timestamp());
            }
          });
    } catch (KafkaException | IllegalStateException e) {
      outcomes.failed(sent, e);
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ZERO);
  }
}
