package dev.tidemark.repository;

import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;

/** No pack of the repository holds a chunk. */
public final class ChunkMissingException extends IOException {
  private final ChunkId chunk;

  ChunkMissingException(ChunkId chunk, String place) {
    super(
        ("Chunk %s is in no pack of the repository at %s. Copy missing files of its folders packs"
                + " and index back from another copy of the repository; all files that do not hold"
                + " this chunk can be restored.")
            .formatted(chunk, place));
    this.chunk = chunk;
  }

  public ChunkId chunk() {
    return chunk;
  }
}
