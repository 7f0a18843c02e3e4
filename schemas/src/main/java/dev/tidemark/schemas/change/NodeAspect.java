package dev.tidemark.schemas.change;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What of a node may be another than of the one that stood there before. */
public enum NodeAspect {
  /** A file became a directory, or the like. */
  TYPE,
  /** Bytes of a file, target of a symlink, numbers of a device. */
  CONTENT,
  MODE,
  /** Numbers or names of owner and group. */
  OWNER,
  /** Time of the last modification. */
  TIME,
  /** Extended attributes, access lists among them. */
  ATTRIBUTES,
  /** Which other names are the same inode. */
  LINKS;

  /**
   * In what two nodes differ; nothing if they are the same for whoever looks at them. Where a frame
   * was last seen is no part of a node, nor is whether it was torn.
   */
  public static Set<NodeAspect> differing(Node before, Node after) {
    EnumSet<NodeAspect> aspects = EnumSet.noneOf(NodeAspect.class);
    Metadata was = before.metadata();
    Metadata is = after.metadata();
    if (!isSameType(before, after)) {
      aspects.add(TYPE);
    } else if (!isSameContent(before, after)) {
      aspects.add(CONTENT);
    }
    if (was.mode() != is.mode()) {
      aspects.add(MODE);
    }
    if (was.uid() != is.uid()
        || was.gid() != is.gid()
        || !was.owner().equals(is.owner())
        || !was.group().equals(is.group())) {
      aspects.add(OWNER);
    }
    if (!was.mtime().equals(is.mtime())) {
      aspects.add(TIME);
    }
    if (!was.attributes().equals(is.attributes())) {
      aspects.add(ATTRIBUTES);
    }
    if (was.linkGroup() != is.linkGroup()) {
      aspects.add(LINKS);
    }
    return Collections.unmodifiableSet(aspects);
  }

  private static boolean isSameType(Node before, Node after) {
    return before.getClass() == after.getClass()
        && (!(before instanceof Node.Device was)
            || !(after instanceof Node.Device is)
            || was.kind() == is.kind());
  }

  private static boolean isSameContent(Node before, Node after) {
    return switch (before) {
      case Node.File file ->
          after instanceof Node.File other && isSame(file.content(), other.content());
      case Node.Symlink link ->
          after instanceof Node.Symlink other && link.target().equals(other.target());
      case Node.Device device ->
          after instanceof Node.Device other
              && device.major() == other.major()
              && device.minor() == other.minor();
      case Node.Directory _, Node.Fifo _ -> true;
    };
  }

  /** Lists that are nested are compared by their ids: equal ones are equal, others may be. */
  private static boolean isSame(Content before, Content after) {
    List<Extent> was = before.extents();
    List<Extent> is = after.extents();
    if (before.size() != after.size() || was.size() != is.size()) {
      return false;
    }
    for (int i = 0; i < was.size(); i++) {
      if (!isSame(was.get(i), is.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isSame(Extent before, Extent after) {
    return switch (before) {
      case Extent.Hole hole -> hole.equals(after);
      case Extent.Chunk chunk ->
          after instanceof Extent.Chunk other && chunk.id().equals(other.id());
      case Extent.Nested(Extent.Chunk list, long bytes) ->
          after instanceof Extent.Nested(Extent.Chunk otherList, long otherBytes)
              && bytes == otherBytes
              && list.id().equals(otherList.id());
    };
  }
}
