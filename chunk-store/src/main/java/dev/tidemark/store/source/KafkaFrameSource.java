package dev.tidemark.store.source;

import dev.tidemark.log.FrameReader;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogTopics;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Frames from Kafka, one reading at a time. */
public final class KafkaFrameSource implements FrameSource, AutoCloseable {
  private final FrameReader reader;

  public KafkaFrameSource(LogConnection connection, LogTopics topics) {
    reader = new FrameReader(connection, topics);
  }

  @Override
  public synchronized Map<ChunkId, byte[]> read(List<Pointer> pointers) throws IOException {
    return reader.read(
        pointers.stream()
            .map(
                pointer ->
                    // The length says nothing to the reader; an extent must have one.
                    new Extent.Chunk(
                        pointer.id(), 1, new FramePosition(pointer.partition(), pointer.offset())))
            .toList());
  }

  @Override
  public synchronized void close() {
    reader.close();
  }
}
