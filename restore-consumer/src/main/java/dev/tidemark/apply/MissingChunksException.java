package dev.tidemark.apply;

import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;

/** No source holds a chunk that a file needs. It may be there later, once it is sealed. */
public final class MissingChunksException extends IOException {
  public MissingChunksException(ChunkId first, int count) {
    super(
        ("chunk %s%s is neither in the log nor in the repository; `tidemark verify` tells which"
                + " paths and instants need it")
            .formatted(first, count > 1 ? " and %d more".formatted(count - 1) : ""));
  }
}
