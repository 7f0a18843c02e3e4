package dev.tidemark.watcher.state;

import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.chunk.ChunkId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A chunk as a node or a list names it.
 *
 * @param times how often
 * @param isList its bytes are extents, which name further chunks
 */
record ChunkRef(FramePosition position, int times, boolean isList) {
  static Map<ChunkId, ChunkRef> of(Node node) {
    return node instanceof Node.File(_, Content content) ? of(content.extents()) : Map.of();
  }

  static Map<ChunkId, ChunkRef> of(List<Extent> extents) {
    if (extents.isEmpty()) {
      return Map.of();
    }
    Map<ChunkId, ChunkRef> refs = HashMap.newHashMap(extents.size());
    for (Extent extent : extents) {
      switch (extent) {
        case Extent.Chunk chunk -> add(refs, chunk, false);
        case Extent.Nested nested -> add(refs, nested.list(), true);
        case Extent.Hole _ -> {}
      }
    }
    return refs;
  }

  private static void add(Map<ChunkId, ChunkRef> refs, Extent.Chunk chunk, boolean isList) {
    refs.merge(
        chunk.id(),
        new ChunkRef(chunk.position(), 1, isList),
        (a, _) -> new ChunkRef(a.position, a.times + 1, a.isList));
  }
}
