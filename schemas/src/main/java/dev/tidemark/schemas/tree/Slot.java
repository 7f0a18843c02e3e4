package dev.tidemark.schemas.tree;

import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the overlay knows of one place. Three kinds:
 *
 * <ul>
 *   <li>no node, no origin: nothing stands here (it hides what the base has at this place);
 *   <li>no node, but an origin: exactly what the base has at the origin, which may be nothing, but
 *       for the children named;
 *   <li>a node: it stands here; below it is what the base has below the origin, if there is one,
 *       but for the children named.
 * </ul>
 */
final class Slot {
  @Nullable Node node;

  /** Path in the base. */
  @Nullable NodePath origin;

  /** The full scan in which this was put. */
  int putScan;

  /** The full scan that keeps everything from here down. */
  int keptScan;

  private @Nullable NavigableMap<Bytes, Slot> children;

  Slot(@Nullable Node node, @Nullable NodePath origin) {
    this.node = node;
    this.origin = origin;
  }

  static Slot absent() {
    return new Slot(null, null);
  }

  boolean isAbsent() {
    return node == null && origin == null;
  }

  /** Whether this is known, without reading, to be no place for children. */
  boolean isLeaf() {
    return isAbsent() || node != null && !(node instanceof Node.Directory);
  }

  NavigableMap<Bytes, Slot> children() {
    return children == null ? Collections.emptyNavigableMap() : children;
  }

  @Nullable Slot child(Bytes name) {
    return children == null ? null : children.get(name);
  }

  /** Returns what stood there. */
  @Nullable Slot putChild(Bytes name, Slot slot) {
    if (children == null) {
      children = new TreeMap<>();
    }
    return children.put(name, slot);
  }

  @Nullable Slot removeChild(Bytes name) {
    return children == null ? null : children.remove(name);
  }

  void clearChildren() {
    children = null;
  }

  /** A slot for a child of which nothing is known yet but what the base says. */
  Slot untouchedChild(Bytes name) {
    return new Slot(null, origin == null ? null : origin.child(name));
  }

  /** Slots from here down, this one included. */
  static long count(Collection<Slot> roots) {
    long count = 0;
    Deque<Slot> open = new ArrayDeque<>(roots);
    while (!open.isEmpty()) {
      count++;
      open.addAll(open.remove().children().values());
    }
    return count;
  }
}
