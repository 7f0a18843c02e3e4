package dev.tidemark.apply;

import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.codec.Records;
import java.util.List;

/**
 * Tells whether entries are one inode: they name the same link group, and their nodes are equal but
 * for where their frames stand in the log.
 */
public final class LinkIdentity {
  private LinkIdentity() {}

  /** Whether a node may share its inode with others. */
  public static boolean isShared(Node node) {
    return node.metadata().linkGroup() != 0 && !(node instanceof Node.Directory);
  }

  /** Whether two entries are names of one inode. */
  public static boolean isSame(Node one, Node other) {
    return isShared(one)
        && one.metadata().equals(other.metadata())
        && withoutPlaces(one).equals(withoutPlaces(other));
  }

  /** Whether two names of the target lead to one inode; numbers alone repeat across mounts. */
  public static boolean isSameInode(FileStatus one, FileStatus other) {
    return one.inode() == other.inode() && one.device() == other.device();
  }

  /** Whether both are files of other bytes that size and time do not tell apart. */
  public static boolean isChangedUnseen(Node one, Node other) {
    return one instanceof Node.File
        && other instanceof Node.File
        && ((Node.File) one).content().size() == ((Node.File) other).content().size()
        && one.metadata().mtime().equals(other.metadata().mtime())
        && !extents(one).equals(extents(other));
  }

  private static List<Extent> extents(Node file) {
    return ((Node.File) file).content().extents().stream().map(LinkIdentity::withoutPlace).toList();
  }

  /** Equal for the names of one inode, and for no others. */
  static Bytes of(Node node) {
    return Bytes.of(ChunkId.computeOf(Records.encode(withoutPlaces(node))).bytes());
  }

  private static Node withoutPlaces(Node node) {
    if (!(node instanceof Node.File file)) {
      return node;
    }
    Content content = file.content();
    return new Node.File(
        file.metadata(),
        new Content(
            content.size(),
            content.extents().stream().map(LinkIdentity::withoutPlace).toList(),
            false));
  }

  private static Extent withoutPlace(Extent extent) {
    return switch (extent) {
      case Extent.Chunk chunk -> withoutPlace(chunk);
      case Extent.Hole hole -> hole;
      case Extent.Nested(Extent.Chunk list, long bytes) ->
          new Extent.Nested(withoutPlace(list), bytes);
    };
  }

  private static Extent.Chunk withoutPlace(Extent.Chunk chunk) {
    return new Extent.Chunk(chunk.id(), chunk.plainBytes(), FramePosition.UNKNOWN);
  }
}
