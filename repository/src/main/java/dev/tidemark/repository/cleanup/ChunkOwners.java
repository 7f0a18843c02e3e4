package dev.tidemark.repository.cleanup;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * Port: those who know which chunks are stored, and drop the bodies of such ones when they come
 * again; and the log in front of them.
 */
public interface ChunkOwners {
  /**
   * Fixes a point of the log, at or after the time of the call.
   *
   * @param grace what was named within this much before it is not asked for
   * @throws IOException if the log cannot be reached
   */
  Cut cut(Duration grace) throws IOException;

  /** A point of the log. */
  interface Cut {
    /**
     * Shows every change before the point that may not be sealed yet; what is not shown was sealed
     * when this was called.
     */
    void forEachUnsealed(ChangeReader reader) throws IOException;

    /**
     * Asks the owners of chunks to forget them. An owner that forgets a chunk keeps the next body
     * of it that comes; one that knows of a naming younger than the grace refuses, and one for
     * which the chunk is not durable.
     */
    Answers condemn(List<ChunkId> chunks) throws IOException;
  }

  /** Takes one change. */
  interface ChangeReader {
    void read(Change change) throws IOException;
  }

  /**
   * What owners said. A chunk in neither set was not answered for, and counts as in use.
   *
   * @param released forgotten
   * @param refused in use
   */
  record Answers(Set<ChunkId> released, Set<ChunkId> refused) {
    public Answers {
      released = Set.copyOf(released);
      refused = Set.copyOf(refused);
    }
  }
}
