package dev.tidemark.apply;

import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
import java.util.List;

/** Where a file's content has holes, as far as its top list tells. */
final class HoleMap {
  private HoleMap() {}

  /** Whether there is a hole, or a nested list that may hold one. */
  static boolean hasHoles(Content content) {
    return content.extents().stream().anyMatch(extent -> !(extent instanceof Extent.Chunk));
  }

  /** Whether writing all chunks can leave the file shorter than it is. */
  static boolean endsInHole(Content content) {
    List<Extent> extents = content.extents();
    return !extents.isEmpty() && !(extents.getLast() instanceof Extent.Chunk);
  }
}
