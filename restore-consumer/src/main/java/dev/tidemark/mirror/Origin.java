package dev.tidemark.mirror;

import dev.tidemark.apply.FrameSource;
import dev.tidemark.repository.history.TreeAt;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.tree.TreeBase;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** Where a mirror finds what the log no longer has. Used by the mirror's threads. */
interface Origin extends AutoCloseable {
  /** No repository: only the log. */
  Origin NONE =
      new Origin() {
        @Override
        public Optional<StartingPoint> newest() {
          return Optional.empty();
        }

        @Override
        public TreeAt at(long sequence) throws IOException {
          throw new NoRepositoryException(
              "This standby has no repository to read change %d from; give it one with --repository."
                  .formatted(sequence));
        }

        @Override
        public FrameSource frames() {
          return wanted -> Map.of();
        }

        @Override
        public void close() {}
      };

  /**
   * The newest sealed tree from which the log can be followed, never between the marks of a full
   * scan; empty if nothing is sealed.
   */
  Optional<StartingPoint> newest() throws IOException;

  /**
   * The tree at a sequence.
   *
   * @throws dev.tidemark.repository.history.NoSuchInstantException if it is not sealed, or not kept
   */
  TreeAt at(long sequence) throws IOException;

  FrameSource frames();

  @Override
  void close() throws IOException;

  /** A tree, and where the log goes on from it. */
  record StartingPoint(TreeBase tree, Cursor cursor) {
    /**
     * Whether the tree is what was there once, and not only the emptiness before its first scan, or
     * a part of what that has found: the beginning of a term is sealed as soon as it is there.
     */
    boolean isWhole() {
      return cursor.scanCompleted() > 0;
    }
  }
}
