package dev.tidemark.apply;

import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Some chunks of a file that are written together, once {@link PartFetch} has all their frames. */
abstract class FilePart {
  private final List<Extent.Chunk> chunks;

  /** Guarded by the lock of the {@link PartFetch}, until nothing is missing. */
  private final Map<ChunkId, byte[]> frames = new HashMap<>();

  private int missing;
  private long heldBytes;

  /**
   * @param chunks to be fetched
   */
  FilePart(List<Extent.Chunk> chunks) {
    this.chunks = List.copyOf(chunks);
  }

  /**
   * Writes the part.
   *
   * @param frames has at once those that were fetched, looks for the others itself
   * @throws IOException if it concerns more than this file
   */
  abstract void fill(FrameSource frames) throws IOException;

  List<Extent.Chunk> chunks() {
    return chunks;
  }

  /** How many bytes all its frames have together, as {@link PartFetch} counts them. */
  long heldBytes() {
    return heldBytes;
  }

  void holds(long bytes) {
    heldBytes = bytes;
  }

  Map<ChunkId, byte[]> frames() {
    return frames;
  }

  void awaitOne() {
    missing++;
  }

  /** True for the last one. */
  boolean arrived() {
    missing--;
    return missing == 0;
  }

  boolean isComplete() {
    return missing == 0;
  }
}
