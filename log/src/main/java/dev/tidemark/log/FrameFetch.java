package dev.tidemark.log;

import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads chosen offsets of the chunks topic with one consumer: each partition forward from its
 * lowest, by seeks over wide gaps and by reading over narrow ones.
 *
 * <p>The consumer stays assigned to all partitions and pauses those it needs nothing of: an
 * assignment that changes would wait out the fetch in flight.
 */
final class FrameFetch implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(20);

  /** Before the first frame has been seen. */
  private static final long ASSUMED_FRAME_BYTES = 128 * 1024;

  private final LogConnection connection;
  private final Consumer<byte[], byte[]> consumer;

  /** Reading over this many bytes costs about as much as a seek, which drops what is on the way. */
  private final long gapBytes;

  private long frames;
  private long frameBytes;

  FrameFetch(LogConnection connection, TopicHandle chunks, ReadMode mode) {
    this.connection = connection;
    this.gapBytes = mode == ReadMode.BULK ? 4L << 20 : 512L << 10;
    this.consumer = LogClients.reader(connection, mode);
    List<TopicPartition> partitions = CompactedTopic.partitions(chunks);
    consumer.assign(partitions);
    consumer.pause(partitions);
    // Somewhere: a consumer that never resets refuses to poll with a partition that stands nowhere.
    partitions.forEach(partition -> consumer.seek(partition, 0));
  }

  /** Consumes {@code offsets}. */
  Map<ChunkId, byte[]> read(Set<ChunkId> ids, Map<TopicPartition, TreeSet<Long>> offsets)
      throws IOException {
    Map<ChunkId, byte[]> found = HashMap.newHashMap(ids.size());
    try {
      offsets.forEach(this::start);
      long progress = System.nanoTime();
      while (!offsets.isEmpty()) {
        if (poll(ids, offsets, found)) {
          progress = System.nanoTime();
        } else if (System.nanoTime() - progress > LogFailures.PATIENCE.toNanos()) {
          throw new BrokerUnreachableException(
              connection, "reading frames of " + offsets.keySet(), LogFailures.PATIENCE);
        }
      }
      return found;
    } catch (KafkaException e) {
      throw LogFailures.translate(connection, "reading frames", e);
    } finally {
      // After a failure some may still run.
      consumer.pause(consumer.assignment());
    }
  }

  @Override
  public void close() {
    consumer.close();
  }

  /** One step; false if it brought nothing nearer. */
  private boolean poll(
      Set<ChunkId> ids, Map<TopicPartition, TreeSet<Long>> offsets, Map<ChunkId, byte[]> found) {
    Map<TopicPartition, Long> before = new HashMap<>();
    offsets.keySet().forEach(partition -> before.put(partition, consumer.position(partition)));
    try {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        take(record, ids, found);
      }
    } catch (OffsetOutOfRangeException e) {
      return dropLost(offsets);
    }
    boolean moved = false;
    for (TopicPartition partition : List.copyOf(offsets.keySet())) {
      long position = consumer.position(partition);
      if (position != before.getOrDefault(partition, -1L)) {
        moved = true;
        advance(partition, position, offsets);
      }
    }
    return moved || dropLost(offsets);
  }

  /** A record is what its key says, at whatever offset: its bytes are named by their hash. */
  private void take(
      ConsumerRecord<byte[], byte[]> record, Set<ChunkId> ids, Map<ChunkId, byte[]> found) {
    byte[] key = record.key();
    byte[] frame = record.value();
    if (frame == null || key == null || key.length != ChunkId.BYTES) {
      return;
    }
    frames++;
    frameBytes += frame.length;
    ChunkId id = ChunkId.of(key);
    if (ids.contains(id)) {
      found.put(id, frame);
    }
  }

  private void start(TopicPartition partition, TreeSet<Long> offsets) {
    // A seek to where it stands would drop what is buffered there.
    if (consumer.position(partition) != offsets.first()) {
      consumer.seek(partition, offsets.first());
    }
    consumer.resume(List.of(partition));
  }

  /** Everything below {@code position} has been seen or is not there. */
  private void advance(
      TopicPartition partition, long position, Map<TopicPartition, TreeSet<Long>> offsets) {
    TreeSet<Long> wanted = offsets.get(partition);
    if (wanted == null) {
      return;
    }
    wanted.headSet(position).clear();
    if (wanted.isEmpty()) {
      finish(partition, offsets);
    } else if ((wanted.first() - position) * averageBytes() > gapBytes) {
      consumer.seek(partition, wanted.first());
    }
  }

  private void finish(TopicPartition partition, Map<TopicPartition, TreeSet<Long>> offsets) {
    consumer.pause(List.of(partition));
    offsets.remove(partition);
  }

  /**
   * Forgets what lies outside the log: at its end a fetch waits for ever, before its beginning it
   * is refused. Asked for only when nothing came, since it costs as much as a frame.
   */
  private boolean dropLost(Map<TopicPartition, TreeSet<Long>> offsets) {
    Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(offsets.keySet());
    Map<TopicPartition, Long> ends = consumer.endOffsets(offsets.keySet());
    boolean dropped = false;
    for (TopicPartition partition : List.copyOf(offsets.keySet())) {
      TreeSet<Long> wanted = offsets.get(partition);
      Long beginning = beginnings.get(partition);
      Long end = ends.get(partition);
      if (wanted == null || beginning == null || end == null) {
        continue;
      }
      int count = wanted.size();
      wanted.headSet(beginning).clear();
      wanted.tailSet(end).clear();
      if (wanted.isEmpty()) {
        finish(partition, offsets);
        dropped = true;
      } else if (wanted.size() < count) {
        consumer.seek(partition, wanted.first());
        dropped = true;
      }
    }
    return dropped;
  }

  private long averageBytes() {
    return frames == 0 ? ASSUMED_FRAME_BYTES : Math.max(1, frameBytes / frames);
  }
}
