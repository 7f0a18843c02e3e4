package dev.tidemark.schemas.tree;

import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.util.Optional;

/**
 * An immutable tree of which parts are read when they are asked for, such as a snapshot in a
 * repository. Every entry's parent is a directory of the tree. Streams come in path order, must be
 * closed, and several may be open at once.
 */
public interface TreeBase {
  /** A tree without any entry, not even a root. */
  TreeBase EMPTY =
      new TreeBase() {
        @Override
        public Optional<Node> find(NodePath path) {
          return Optional.empty();
        }

        @Override
        public EntryStream subtree(NodePath path) {
          return EntryStream.empty();
        }

        @Override
        public EntryStream children(NodePath directory) {
          return EntryStream.empty();
        }
      };

  /** What stands at {@code path}; empty if nothing does. */
  Optional<Node> find(NodePath path) throws IOException;

  /** The entry at {@code path} first, then everything below it. Empty if it is absent. */
  EntryStream subtree(NodePath path) throws IOException;

  /**
   * The entries directly in {@code directory}, without reading what is below them. Empty if it is
   * absent or no directory.
   */
  EntryStream children(NodePath directory) throws IOException;
}
