package dev.tidemark.store.catalogue;

import dev.tidemark.repository.blob.Grace;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.change.SealedChange.Origin;
import dev.tidemark.schemas.cursor.Cursor;
import java.util.Optional;

/**
 * An accepted change that is not sealed yet.
 *
 * @param after where a reader stands once it has taken it
 * @param checked all that it names was found in the repository by id
 * @param takenMicros when it was read, where somebody wants to hear of its way; else 0
 * @param weight about what it takes in memory, in bytes
 */
record Unsealed(
    Change change, long offset, Cursor after, boolean checked, long takenMicros, long weight) {
  static Unsealed of(Change change, long offset, Cursor after, long takenMicros) {
    return new Unsealed(change, offset, after, false, takenMicros, weigh(change));
  }

  long sequence() {
    return after.sequence();
  }

  Origin origin() {
    return new Origin(after.changesTopic(), after.partition(), offset, after.epoch());
  }

  SealedChange sealed() {
    return new SealedChange(after.sequence(), after.logTimeMillis(), origin(), change);
  }

  Unsealed found() {
    return new Unsealed(change, offset, after, true, takenMicros, weight);
  }

  Unsealed withBody(Change.Body body) {
    return new Unsealed(
        new Change(
            change.tree(),
            change.epoch(),
            change.number(),
            change.writer(),
            change.capturedAtMicros(),
            change.cause(),
            Change.Frames.NONE,
            body),
        offset,
        after,
        true,
        takenMicros,
        weight);
  }

  private static long weigh(Change change) {
    return switch (change.body()) {
      case Change.Put(var path, var node) ->
          500L
              + path.length()
              + contentOf(node).map(c -> 120L * c.extents().size()).orElse(0L)
              + 200L * node.metadata().attributes().size();
      case Change.Remove(var path) -> 300L + path.length();
      case Change.Keep(var path) -> 300L + path.length();
      case Change.Move(var from, var to) -> 300L + from.length() + to.length();
      case Change.Exchange(var first, var second) -> 300L + first.length() + second.length();
      case Change.Mark _ -> 300L;
    };
  }

  /** Whether what was captured up to here is wanted in the repository without delay. */
  boolean isFlushMark() {
    return change.body() instanceof Change.ScanCompleted || change.body() instanceof Change.Tag;
  }

  /**
   * Whether a frame of it is so much older than the change that clean-up may have looked for the
   * change in vain.
   */
  boolean isLate() {
    long oldest = change.frames().oldestMillis();
    return oldest > 0 && after.logTimeMillis() - oldest > Grace.TO_REFER.toMillis();
  }

  /** The file content that the change names, if it names any. */
  Optional<Content> content() {
    return contentOf(change);
  }

  static Optional<Content> contentOf(Change change) {
    return change.body() instanceof Change.Put(_, var node) ? contentOf(node) : Optional.empty();
  }

  private static Optional<Content> contentOf(Node node) {
    return node instanceof Node.File(_, var content) ? Optional.of(content) : Optional.empty();
  }
}
