package dev.tidemark.repository.verify;

import dev.tidemark.repository.pack.PackEntry;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.util.Set;

/** Port: a place outside of the repository where chunks may be had that the repository has lost. */
public interface ChunkSource {
  /** For people: {@code the log at 127.0.0.1:9092}, {@code the folder /srv/www}. */
  String name();

  /**
   * Shows what there is of some chunks. One that is shown twice, or was not asked for, does no
   * harm; each is proved before it is stored.
   *
   * @throws IOException if the place cannot be read; what was shown before counts
   */
  void find(Set<ChunkId> wanted, Finder onFound) throws IOException;

  /** Takes what is found. */
  @FunctionalInterface
  interface Finder {
    /**
     * @param entry the chunk's id with a frame of its bytes
     */
    void found(PackEntry entry) throws IOException;
  }
}
