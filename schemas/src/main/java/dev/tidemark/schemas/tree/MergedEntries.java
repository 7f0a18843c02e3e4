package dev.tidemark.schemas.tree;

import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The overlay streamed over its base. Where overlay and base keep to the same places one stream of
 * the base serves them all; only what was moved needs a stream of its own. What the overlay hides
 * is read past.
 */
final class MergedEntries implements EntryStream {
  private enum Depth {
    SUBTREE,
    CHILDREN
  }

  private final TreeBase base;
  private final Depth depth;
  private final LongSupplier version;
  private final long versionAtStart;
  private final Deque<Level> levels = new ArrayDeque<>();
  private Optional<TreeEntry> first = Optional.empty();

  private MergedEntries(TreeBase base, Depth depth, LongSupplier version) {
    this.base = base;
    this.depth = depth;
    this.version = version;
    this.versionAtStart = version.getAsLong();
  }

  /**
   * The entry of a slot, and everything below it.
   *
   * @param version of the overlay, which must not change while this stream is used
   */
  static EntryStream subtree(TreeBase base, NodePath at, Slot slot, LongSupplier version)
      throws IOException {
    var merged = new MergedEntries(base, Depth.SUBTREE, version);
    try {
      merged.first = merged.enter(at, slot, null);
      return merged;
    } catch (IOException e) {
      merged.closeAfter(e);
      throw e;
    }
  }

  /** The entries directly below a slot. */
  static EntryStream children(TreeBase base, NodePath at, Slot slot, LongSupplier version)
      throws IOException {
    var merged = new MergedEntries(base, Depth.CHILDREN, version);
    BaseRange range =
        slot.origin == null ? null : BaseRange.of(slot.origin, base.children(slot.origin));
    merged.levels.push(new Level(at, slot, range));
    return merged;
  }

  /** A directory being streamed: the rest of its range of the base, and the rest of its slots. */
  private static final class Level {
    final NodePath at;
    final @Nullable BaseRange range;
    private final Iterator<Map.Entry<Bytes, Slot>> slots;
    private Map.@Nullable Entry<Bytes, Slot> slot;

    Level(NodePath at, Slot directory, @Nullable BaseRange range) {
      this.at = at;
      this.range = range;
      this.slots = directory.children().entrySet().iterator();
      skipSlot();
    }

    void skipSlot() {
      slot = slots.hasNext() ? slots.next() : null;
    }
  }

  @Override
  public Optional<TreeEntry> next() throws IOException {
    if (version.getAsLong() != versionAtStart) {
      throw new IllegalStateException("the tree was changed while its entries were streamed");
    }
    Optional<TreeEntry> entry = first;
    first = Optional.empty();
    while (entry.isEmpty() && !levels.isEmpty()) {
      entry = step(levels.element());
    }
    return entry;
  }

  /** Goes on by one entry of the base, or one slot, which may show nothing. */
  private Optional<TreeEntry> step(Level level) throws IOException {
    BaseRange range = level.range;
    Optional<TreeEntry> ofBase = range == null ? Optional.empty() : range.peek();
    Map.Entry<Bytes, Slot> slot = level.slot;
    if (slot != null
        && (range == null
            || ofBase.isEmpty()
            || slot.getKey().compareTo(range.nameOf(ofBase.get())) <= 0)) {
      level.skipSlot();
      return enterChild(level, slot.getKey(), slot.getValue());
    }
    if (range != null && ofBase.isPresent()) {
      return Optional.of(range.takeRebased(ofBase.get(), level.at));
    }
    leave(levels.remove());
    return Optional.empty();
  }

  private Optional<TreeEntry> enterChild(Level level, Bytes name, Slot slot) throws IOException {
    NodePath at = level.at.child(name);
    if (level.range == null) {
      return enter(at, slot, null);
    }
    BaseRange inBase = level.range.within(level.range.origin().child(name));
    if (inBase.origin().equals(slot.origin)) {
      return enter(at, slot, inBase);
    }
    inBase.skipAll();
    return enter(at, slot, null);
  }

  /**
   * The slot's own entry; what is below it comes next.
   *
   * @param shared the part of its parent's range that the slot stands for
   */
  private Optional<TreeEntry> enter(NodePath at, Slot slot, @Nullable BaseRange shared)
      throws IOException {
    if (slot.isAbsent()) {
      return Optional.empty();
    }
    return switch (depth) {
      case CHILDREN -> nodeOf(slot, shared).map(node -> new TreeEntry(at, node));
      case SUBTREE -> {
        NodePath origin = slot.origin;
        BaseRange range =
            shared == null && origin != null ? BaseRange.of(origin, base.subtree(origin)) : shared;
        levels.push(new Level(at, slot, range));
        Optional<Node> node = nodeOf(slot, range);
        if (node.filter(Node.Directory.class::isInstance).isEmpty()) {
          leave(levels.remove());
        }
        yield node.map(found -> new TreeEntry(at, found));
      }
    };
  }

  private Optional<Node> nodeOf(Slot slot, @Nullable BaseRange range) throws IOException {
    Optional<Node> ofBase =
        range == null ? Optional.empty() : range.takeOrigin().map(TreeEntry::node);
    if (slot.node != null) {
      return Optional.of(slot.node);
    }
    return range == null && slot.origin != null ? base.find(slot.origin) : ofBase;
  }

  private static void leave(Level level) throws IOException {
    if (level.range != null) {
      level.range.close();
    }
  }

  private void closeAfter(IOException failure) {
    try {
      close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  @Override
  public void close() throws IOException {
    IOException failure = null;
    while (!levels.isEmpty()) {
      try {
        leave(levels.remove());
      } catch (IOException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
