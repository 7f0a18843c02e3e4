package dev.tidemark.apply;

import dev.tidemark.log.FrameReader;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;

/** Frames out of the log, one reading at a time. */
public final class LogFrames implements FrameSource, AutoCloseable {
  private final FrameReader reader;

  public LogFrames(FrameReader reader) {
    this.reader = reader;
  }

  @Override
  public synchronized Map<ChunkId, byte[]> read(Collection<Extent.Chunk> wanted)
      throws IOException {
    return reader.read(wanted);
  }

  @Override
  public synchronized void close() {
    reader.close();
  }
}
