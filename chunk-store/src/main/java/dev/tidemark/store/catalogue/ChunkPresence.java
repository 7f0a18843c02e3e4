package dev.tidemark.store.catalogue;

import dev.tidemark.repository.Repository;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.codec.Records;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Asks the repository's index for all chunks of a content, lists of lists included. Blocks on the
 * repository.
 */
final class ChunkPresence {
  private final Repository repository;

  ChunkPresence(Repository repository) {
    this.repository = repository;
  }

  /**
   * The ids that the repository does not hold; what a missing list names is not known and not in
   * it.
   */
  List<ChunkId> findMissing(Content content) throws IOException {
    repository.refresh();
    Set<ChunkId> missing = new TreeSet<>();
    collect(content.extents(), missing);
    return List.copyOf(missing);
  }

  private void collect(List<Extent> extents, Set<ChunkId> missing) throws IOException {
    for (Extent extent : extents) {
      switch (extent) {
        case Extent.Hole _ -> {}
        case Extent.Chunk chunk -> require(chunk.id(), missing);
        case Extent.Nested(Extent.Chunk list, _) -> {
          if (require(list.id(), missing)) {
            collect(Records.decodeExtents(repository.readChunk(list.id())), missing);
          }
        }
      }
    }
  }

  private boolean require(ChunkId id, Set<ChunkId> missing) throws IOException {
    boolean present = repository.contains(id);
    if (!present) {
      missing.add(id);
    }
    return present;
  }
}
