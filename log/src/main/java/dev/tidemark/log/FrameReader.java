package dev.tidemark.log;

import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Frames by position. Not thread-safe.
 *
 * <p>A few frames are read with small fetches, in one to three milliseconds; many with large ones,
 * in log order per partition, at the speed of the connection. Holds two connections' buffers, at
 * most 34 MiB, beside the answer itself, which the caller bounds by what it asks for.
 */
public final class FrameReader implements AutoCloseable {
  /** Up to this many frames, waiting for one answer costs more than reading what lies between. */
  private static final int FEW = 16;

  /** A seek costs a large fetch that is thrown away, which holds about this many frames. */
  private static final int SEEK_FRAMES = 32;

  private final LogConnection connection;
  private final TopicHandle chunks;
  private @Nullable FrameFetch few;
  private @Nullable FrameFetch many;

  public FrameReader(LogConnection connection, LogTopics topics) {
    this.connection = connection;
    this.chunks = topics.chunks();
  }

  /**
   * Reads the frames at the positions given. Left out of the answer: a chunk without a known
   * position, one whose record is gone, and one whose position now holds another chunk. All those
   * must come from elsewhere.
   *
   * @return frame by id; the bytes are not checked against the id
   * @throws BrokerUnreachableException if the broker stops answering for 30 s
   */
  public Map<ChunkId, byte[]> read(Collection<Extent.Chunk> wanted) throws IOException {
    Map<TopicPartition, TreeSet<Long>> offsets = new HashMap<>();
    Set<ChunkId> ids = new HashSet<>();
    int count = 0;
    for (Extent.Chunk chunk : wanted) {
      FramePosition position = chunk.position();
      if (position.isKnown()
          && position.partition() >= 0
          && position.partition() < chunks.partitions()) {
        ids.add(chunk.id());
        var partition = new TopicPartition(chunks.name(), position.partition());
        if (offsets.computeIfAbsent(partition, _ -> new TreeSet<>()).add(position.offset())) {
          count++;
        }
      }
    }
    if (count == 0) {
      return Map.of();
    }
    return (count <= FEW || isSparse(offsets, count) ? few() : many()).read(ids, offsets);
  }

  /** Whether reading over what lies between the frames would cost more than a seek for each. */
  private static boolean isSparse(Map<TopicPartition, TreeSet<Long>> offsets, int count) {
    long between = 0;
    for (TreeSet<Long> partition : offsets.values()) {
      long previous = partition.first() - 1;
      for (long offset : partition) {
        between += Math.min(offset - previous - 1, SEEK_FRAMES);
        previous = offset;
      }
    }
    return between > 4L * count;
  }

  @Override
  public void close() {
    if (few != null) {
      few.close();
    }
    if (many != null) {
      many.close();
    }
  }

  private FrameFetch few() {
    if (few == null) {
      few = new FrameFetch(connection, chunks, ReadMode.RANDOM);
    }
    return few;
  }

  private FrameFetch many() {
    if (many == null) {
      many = new FrameFetch(connection, chunks, ReadMode.BULK);
    }
    return many;
  }
}
