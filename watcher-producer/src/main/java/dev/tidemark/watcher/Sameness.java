package dev.tidemark.watcher;

import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.change.Node;
import java.util.List;

/** Whether two nodes are the same to every reader of the log: where their frames are is not. */
final class Sameness {
  private Sameness() {}

  static boolean of(Node one, Node other) {
    return one.metadata().equals(other.metadata())
        && (one instanceof Node.File && other instanceof Node.File
            ? ofBytes(one, other)
            : one.equals(other));
  }

  /** Whether both are files with the same bytes and holes. */
  static boolean ofBytes(Node one, Node other) {
    return one instanceof Node.File(_, Content first)
        && other instanceof Node.File(_, Content second)
        && first.size() == second.size()
        && first.torn() == second.torn()
        && withoutPositions(first.extents()).equals(withoutPositions(second.extents()));
  }

  static Node withoutPositions(Node node) {
    return node instanceof Node.File(var metadata, Content content)
        ? new Node.File(
            metadata,
            new Content(content.size(), withoutPositions(content.extents()), content.torn()))
        : node;
  }

  private static List<Extent> withoutPositions(List<Extent> extents) {
    return extents.stream().map(Sameness::withoutPosition).toList();
  }

  private static Extent withoutPosition(Extent extent) {
    return switch (extent) {
      case Extent.Hole hole -> hole;
      case Extent.Chunk chunk -> withoutPosition(chunk);
      case Extent.Nested nested ->
          new Extent.Nested(withoutPosition(nested.list()), nested.bytes());
    };
  }

  private static Extent.Chunk withoutPosition(Extent.Chunk chunk) {
    return new Extent.Chunk(chunk.id(), chunk.plainBytes(), FramePosition.UNKNOWN);
  }
}
