package dev.tidemark.repository.history;

import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.tree.Tree;

/**
 * A tree at an instant.
 *
 * @param tree owned by the caller; reads the repository when it is asked
 * @param sequence of the last change in it
 * @param logTimeMillis effective log time of that change
 * @param cursor the resume point behind the newest sealed change, where the unsealed tail begins;
 *     it is at {@code sequence} exactly if nothing newer is sealed
 * @param completeToMillis every change up to this effective log time that the instant asked for is
 *     in the tree; what lies between it and a later instant is not sealed yet
 */
public record TreeAt(
    Tree tree, long sequence, long logTimeMillis, Cursor cursor, long completeToMillis) {
  /**
   * Whether the tree is that of the newest sealed change, so that the unsealed tail can be applied
   * to it.
   */
  public boolean isNewest() {
    return cursor.sequence() == sequence;
  }
}
