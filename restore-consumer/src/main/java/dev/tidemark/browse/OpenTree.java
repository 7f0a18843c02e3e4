package dev.tidemark.browse;

import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.Tree;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.util.List;

/**
 * A tree at an instant, sealed or not. Belongs to one thread.
 *
 * @param sequence of its last change
 * @param logTimeMillis effective log time of that change
 * @param completeToMillis everything logged up to this time, and wanted, is in the tree; less than
 *     the instant asked for means that what lies between was not to be had
 * @param unsealedChanges how many of its changes came out of the log
 * @param cursor where a reader goes on after it; of the newest sealed change if the tree is older
 *     than that
 */
public record OpenTree(
    TreeName name,
    Tree tree,
    long sequence,
    long logTimeMillis,
    long completeToMillis,
    long unsealedChanges,
    Cursor cursor) {
  /**
   * What stands at a path.
   *
   * @throws IOException if nothing does; its message is for the user
   */
  public Node require(NodePath path) throws IOException {
    return tree.find(path)
        .orElseThrow(
            () ->
                new IOException(
                    "There is no %s in tree %s at change %d. `tidemark log` tells when there was."
                        .formatted(path, name, sequence)));
  }

  /** What stands directly in a directory; of anything else, the entry itself. */
  public EntryStream list(NodePath path) throws IOException {
    Node node = require(path);
    return node instanceof Node.Directory
        ? tree.children(path)
        : EntryStream.of(List.of(new TreeEntry(path, node)).iterator());
  }

  /** What stands anywhere below a directory, in the order of a walk; else the entry itself. */
  public EntryStream walk(NodePath path) throws IOException {
    Node node = require(path);
    EntryStream all = tree.subtree(path);
    if (node instanceof Node.Directory) {
      all.next();
    }
    return all;
  }
}
