package dev.tidemark.watcher.publish;

import dev.tidemark.log.AccessDeniedByBrokerException;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.TopicHandle;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.topic.Partitioning;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * Sends frames to the chunks topic, and remembers the last 32,768 that were acknowledged. Safe from
 * several threads. {@link #send} waits while 64 MiB are under way: what bounds the memory of
 * readers while the broker is away.
 */
public final class FrameSender implements AutoCloseable {
  private static final int REMEMBERED = 32_768;

  /**
   * For so long a frame is sure to be in the topic and not in anybody's clean-up, whether a path
   * holds it or not.
   */
  private static final Duration FRESH = Duration.ofMinutes(10);

  private final LogConnection connection;
  private final Producer<byte[], byte[]> producer;
  private final TopicHandle topic;
  private final int partitions;
  private final LongAdder frames = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final Map<ChunkId, SentFrame> recent =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ChunkId, SentFrame> eldest) {
          return size() > REMEMBERED;
        }
      };

  /**
   * A frame in the topic.
   *
   * @param logTimeMillis the broker's time of it
   * @param sentNanos when it was acknowledged, by {@link System#nanoTime}
   */
  public record SentFrame(FramePosition position, long logTimeMillis, long sentNanos) {}

  /** Told once per frame, on a thread of the producer that must not be held up. */
  public interface Listener {
    void acknowledged(FramePosition position, long logTimeMillis);

    /** It is not known where the frame is, or whether it is there. Sending it again is safe. */
    void lost(FramesLostException cause);
  }

  /**
   * @param partitions the count by which the repository's descriptor spreads chunks
   */
  public FrameSender(
      LogConnection connection,
      Producer<byte[], byte[]> producer,
      TopicHandle topic,
      int partitions) {
    this.connection = connection;
    this.producer = producer;
    this.topic = topic;
    this.partitions = partitions;
  }

  public void send(ChunkId id, byte[] frame, Listener listener) {
    int partition = Partitioning.of(id, partitions);
    frames.increment();
    bytes.add(frame.length);
    try {
      producer.send(
          new ProducerRecord<>(topic.name(), partition, id.bytes(), frame),
          (metadata, failure) -> {
            if (failure != null) {
              listener.lost(lost(id, failure));
            } else if (!metadata.hasOffset()) {
              // Acknowledged as a repetition: it is there, but nobody says where.
              listener.lost(lost(id, null));
            } else {
              FramePosition position = new FramePosition(metadata.partition(), metadata.offset());
              remember(id, new SentFrame(position, metadata.timestamp(), System.nanoTime()));
              listener.acknowledged(position, metadata.timestamp());
            }
          });
    } catch (KafkaException | IllegalStateException e) {
      listener.lost(lost(id, e));
    }
  }

  private FramesLostException lost(ChunkId id, @Nullable Exception cause) {
    Optional<AccessDeniedByBrokerException> denied =
        cause == null
            ? Optional.empty()
            : AccessDeniedByBrokerException.find(
                connection, "writing to topic " + topic.name(), cause);
    if (denied.isPresent()) {
      return new FramesLostException(String.valueOf(denied.get().getMessage()), denied.get());
    }
    return new FramesLostException(
        "frame of chunk %s in topic %s: %s; it is sent again"
            .formatted(
                id,
                topic.name(),
                cause == null ? "acknowledged without an offset" : cause.getMessage()),
        cause);
  }

  private void remember(ChunkId id, SentFrame sent) {
    synchronized (recent) {
      recent.put(id, sent);
    }
  }

  /** A frame of this chunk that was acknowledged a short while ago. */
  public Optional<SentFrame> findFresh(ChunkId id) {
    synchronized (recent) {
      SentFrame sent = recent.get(id);
      return sent != null && System.nanoTime() - sent.sentNanos() < FRESH.toNanos()
          ? Optional.of(sent)
          : Optional.empty();
    }
  }

  /** The store side has lost the chunk's frame. */
  public void forget(ChunkId id) {
    synchronized (recent) {
      recent.remove(id);
    }
  }

  public long framesSent() {
    return frames.sum();
  }

  public long bytesSent() {
    return bytes.sum();
  }

  /** What is not acknowledged yet may be lost; no acknowledged change names it. */
  @Override
  public void close() {
    producer.close(Duration.ZERO);
  }
}
