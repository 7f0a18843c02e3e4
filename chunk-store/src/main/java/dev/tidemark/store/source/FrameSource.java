package dev.tidemark.store.source;

import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Frames by their place in the chunks topic. Thread-safe. */
public interface FrameSource {
  /** Where a frame was. */
  record Pointer(int partition, long offset, ChunkId id) {}

  /**
   * Reads frames. One whose record is gone, or whose record's key is another id, is left out.
   *
   * @throws IOException if the log cannot be read now; safe to retry
   */
  Map<ChunkId, byte[]> read(List<Pointer> pointers) throws IOException;
}
