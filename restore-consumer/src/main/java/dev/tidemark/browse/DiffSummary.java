package dev.tidemark.browse;

import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodeAspect;
import dev.tidemark.schemas.change.NodePath;
import java.util.Set;

/** Counts differences. Owned by one thread. */
public final class DiffSummary {
  private long added;
  private long addedBytes;
  private long removed;
  private long removedBytes;
  private long contentChanged;
  private long bytesBefore;
  private long bytesAfter;
  private long metadataChanged;
  private long moved;

  public void add(Difference difference) {
    switch (difference) {
      case Difference.Added(NodePath _, Node node) -> {
        added++;
        addedBytes += bytes(node);
      }
      case Difference.Removed(NodePath _, Node node) -> {
        removed++;
        removedBytes += bytes(node);
      }
      case Difference.Modified(NodePath _, Node before, Node after, Set<NodeAspect> aspects) ->
          modified(before, after, aspects);
      case Difference.Moved(
              NodePath _,
              NodePath _,
              Node before,
              Node after,
              Set<NodeAspect> aspects) -> {
        moved++;
        if (!aspects.isEmpty()) {
          modified(before, after, aspects);
        }
      }
    }
  }

  private void modified(Node before, Node after, Set<NodeAspect> aspects) {
    if (isContent(aspects)) {
      contentChanged++;
      bytesBefore += bytes(before);
      bytesAfter += bytes(after);
    } else {
      metadataChanged++;
    }
  }

  /** Whether more than metadata differs. */
  public static boolean isContent(Set<NodeAspect> aspects) {
    return aspects.contains(NodeAspect.CONTENT) || aspects.contains(NodeAspect.TYPE);
  }

  private static long bytes(Node node) {
    return node instanceof Node.File file ? file.content().size() : 0;
  }

  public long added() {
    return added;
  }

  /** Sum of the lengths of the files in them, as of those below. */
  public long addedBytes() {
    return addedBytes;
  }

  public long removed() {
    return removed;
  }

  public long removedBytes() {
    return removedBytes;
  }

  /** Those that were renamed; what else of them differs is counted besides. */
  public long moved() {
    return moved;
  }

  /** Those of another type are counted here, too. */
  public long contentChanged() {
    return contentChanged;
  }

  public long bytesBefore() {
    return bytesBefore;
  }

  public long bytesAfter() {
    return bytesAfter;
  }

  /** Those whose content is the same. */
  public long metadataChanged() {
    return metadataChanged;
  }
}
