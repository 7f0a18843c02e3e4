package dev.tidemark.restore;

import dev.tidemark.repository.index.ChunkFilter;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.chunk.ChunkId;
import java.util.function.Predicate;

/**
 * Which chunks are needed more than once, told apart in bounded memory: a few seem so that are not.
 * Chunks that only nested lists name are not looked at.
 */
final class RepeatedChunks implements Predicate<ChunkId> {
  private static final long MAX_BYTES = 32 << 20;

  private final ChunkFilter seen;
  private final ChunkFilter repeated;

  /**
   * @param expected about how many chunks are needed
   */
  RepeatedChunks(long expected) {
    seen = new ChunkFilter(expected, MAX_BYTES, 1);
    repeated = new ChunkFilter(expected / 4, MAX_BYTES, 2);
  }

  void add(Content content) {
    for (Extent extent : content.extents()) {
      if (extent instanceof Extent.Chunk chunk) {
        if (seen.mayContain(chunk.id())) {
          repeated.add(chunk.id());
        } else {
          seen.add(chunk.id());
        }
      }
    }
  }

  @Override
  public boolean test(ChunkId id) {
    return repeated.mayContain(id);
  }
}
