package dev.tidemark.store.catalogue;

import dev.tidemark.schemas.change.TreeName;

/** Told of what is sealed. Must not block. */
@FunctionalInterface
public interface SegmentListener {
  /**
   * The log of a tree in the repository has grown by one segment.
   *
   * @param changes in it
   * @param bytes its length
   */
  void written(TreeName tree, long changes, long bytes);
}
