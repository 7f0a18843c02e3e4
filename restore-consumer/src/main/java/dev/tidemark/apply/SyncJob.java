package dev.tidemark.apply;

import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;

/**
 * An entry to put that is no directory.
 *
 * @param directory it goes into
 * @param existed whether something stood at its name before
 */
record SyncJob(SyncDirectory directory, NodePath path, Node node, boolean existed) {
  byte[] name() {
    return path.name();
  }

  Node.File file() {
    return (Node.File) node;
  }

  boolean isLinked() {
    return LinkIdentity.isShared(node);
  }
}
