package dev.tidemark.watcher.publish;

import dev.tidemark.log.AccessDeniedByBrokerException;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.TopicHandle;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Cause;
import dev.tidemark.schemas.change.Change.EpochStarted;
import dev.tidemark.schemas.change.Change.Frames;
import dev.tidemark.schemas.change.Epoch;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.codec.Records;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/** The records that a writer sends before it has an epoch, one at a time. */
public final class TermStart {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final LogConnection connection;
  private final Producer<byte[], byte[]> producer;
  private final TopicHandle topic;
  private final int partition;
  private final TreeName tree;
  private final UUID writer;

  public TermStart(
      LogConnection connection,
      Producer<byte[], byte[]> producer,
      TopicHandle topic,
      int partition,
      TreeName tree,
      UUID writer) {
    this.connection = connection;
    this.producer = producer;
    this.topic = topic;
    this.partition = partition;
    this.tree = tree;
    this.writer = writer;
  }

  /**
   * The broker's time, by the acknowledgement of a heartbeat of no epoch, which all readers drop.
   */
  public long brokerTimeMillis(long capturedAtMicros) throws IOException {
    return send(Change.NO_EPOCH, new Change.Heartbeat(0), capturedAtMicros).timestamp();
  }

  /** Appends a heartbeat of no epoch, which all readers drop, and answers its offset. */
  public long probe(long capturedAtMicros) throws IOException {
    RecordMetadata metadata = send(Change.NO_EPOCH, new Change.Heartbeat(0), capturedAtMicros);
    // A duplicate's acknowledgement tells no offset: then there is nothing to wait for.
    return metadata.hasOffset() ? metadata.offset() : -1;
  }

  /**
   * Begins an epoch. Nothing else of this writer may be in flight, and the term must be durable.
   *
   * @return the epoch; empty if it is not known where the record stands, so that another term must
   *     be begun
   */
  public OptionalLong begin(EpochStarted started, long capturedAtMicros) throws IOException {
    RecordMetadata metadata = send(Change.NO_EPOCH, started, capturedAtMicros);
    return metadata.hasOffset() ? OptionalLong.of(metadata.offset()) : OptionalLong.empty();
  }

  /** A sign of life in an epoch in which nothing was sent yet. */
  public void heartbeat(Epoch epoch, long capturedAtMicros) throws IOException {
    send(epoch.offset(), new Change.Heartbeat(0), capturedAtMicros);
  }

  /** The epoch that a record of this writer at an offset has begun. */
  public Epoch epochAt(long offset) {
    return new Epoch(offset, writer);
  }

  private RecordMetadata send(long epoch, Change.Body body, long capturedAtMicros)
      throws IOException {
    Change change =
        new Change(tree, epoch, 0, writer, capturedAtMicros, Cause.LIVE, Frames.NONE, body);
    byte[] key = tree.value().getBytes(StandardCharsets.UTF_8);
    try {
      return producer
          .send(new ProducerRecord<>(topic.name(), partition, key, Records.encode(change)))
          .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      String doing = "writing to topic " + topic.name();
      Optional<AccessDeniedByBrokerException> denied =
          AccessDeniedByBrokerException.find(connection, doing, e);
      if (denied.isPresent()) {
        throw denied.get();
      }
      throw new IOException(
          ("topic %s: the broker did not acknowledge the record that begins a term of tree %s"
                  + " (%s). Check the broker, and that this client may write to the topic.")
              .formatted(topic.name(), tree, e.getMessage()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("stopped while beginning a term of tree " + tree);
    }
  }
}
