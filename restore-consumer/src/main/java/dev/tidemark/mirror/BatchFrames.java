package dev.tidemark.mirror;

import dev.tidemark.apply.FileFiller;
import dev.tidemark.apply.FrameSource;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The frames of a batch's small files, read in one go; those of large files are read through, a
 * window at a time.
 */
final class BatchFrames {
  private BatchFrames() {}

  /**
   * Reads what the changes need that the state has not; what is missing is asked for again later.
   */
  static FrameSource read(List<Change.Put> puts, MirrorState state, FrameSource source)
      throws IOException {
    List<Change.Put> unknown = new ArrayList<>();
    for (Change.Put put : puts) {
      if (put.node() instanceof Node.File file && !isKnown(put, file, state)) {
        unknown.add(put);
      }
    }
    return readAll(unknown, source);
  }

  /** Reads all that the files need. */
  static FrameSource readAll(List<Change.Put> puts, FrameSource source) throws IOException {
    Map<ChunkId, Extent.Chunk> wanted = new LinkedHashMap<>();
    for (Change.Put put : puts) {
      if (put.node() instanceof Node.File file && isSmall(file.content())) {
        for (Extent extent : file.content().extents()) {
          if (extent instanceof Extent.Chunk chunk) {
            wanted.put(chunk.id(), chunk);
          }
        }
      }
    }
    Map<ChunkId, byte[]> small = wanted.isEmpty() ? Map.of() : source.read(wanted.values());
    FrameSource inMemory = asked -> small;
    return inMemory.orElse(source);
  }

  private static boolean isSmall(Content content) {
    return content.size() <= FileFiller.WINDOW_BYTES
        && content.extents().stream().noneMatch(extent -> extent instanceof Extent.Nested);
  }

  /** Only its metadata is new. */
  private static boolean isKnown(Change.Put put, Node.File file, MirrorState state)
      throws IOException {
    Optional<MirrorState.Place> place = state.placeOf(put.path());
    return place.isPresent()
        && state.find(place.get()).map(StateEntry::node).orElse(null) instanceof Node.File old
        && old.content().extents().equals(file.content().extents());
  }
}
