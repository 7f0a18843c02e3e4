package dev.tidemark.apply;

import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Frames that one request to a {@link FrameSource} brings. To be read once, by any thread. */
public interface FrameRun {
  List<Extent.Chunk> chunks();

  /** How many bytes the request brings, as far as can be told; what lies between counts too. */
  long bytes();

  /**
   * Reads them, not checked yet. Those that are not there are left out.
   *
   * @throws IOException if the source could not be read
   */
  Map<ChunkId, byte[]> read() throws IOException;
}
