package dev.tidemark.schemas.tree;

import java.io.IOException;

/**
 * A change that does not fit the tree it is applied to, so that log and tree are not of one
 * history. Repeating it does not help; the tree is as it was before.
 */
public final class TreeException extends IOException {
  public TreeException(String message) {
    super(message);
  }
}
