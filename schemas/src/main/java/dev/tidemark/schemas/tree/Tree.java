package dev.tidemark.schemas.tree;

import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Body;
import dev.tidemark.schemas.change.Change.Exchange;
import dev.tidemark.schemas.change.Change.Move;
import dev.tidemark.schemas.change.Change.Put;
import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A tree that changes: an overlay of what the log touched, on a base that is read only where it
 * must be. Owned by one thread. A stream is void once the tree has changed: its next call fails.
 *
 * <p>What the changes do, for every sequence of them:
 *
 * <ul>
 *   <li>Put: the parent must be a directory of the tree (the root has none, and is a directory
 *       itself). A directory put over a directory keeps what is below; any other put drops it.
 *   <li>Remove: the entry and all below it go; no effect if there is none.
 *   <li>Move, Exchange: neither path is the root or below the other; {@code from}, or both, must be
 *       there, and so must the directory of {@code to}. What stood at {@code to} is replaced, with
 *       all below it. The cost does not depend on what is below. A path moved to, or exchanged
 *       with, itself has no effect.
 *   <li>A full scan: at its completion goes, in one step, what since its start was neither put, nor
 *       moved or exchanged, nor lies below a directory moved or exchanged meanwhile, nor at or
 *       below a Keep. The directories above what stays stay too. The next mark of any scan, or the
 *       next epoch, ends an open full scan; only its own completion drops anything.
 * </ul>
 *
 * A change that does not fit is a {@link TreeException} and changes nothing.
 */
public final class Tree implements TreeBase {
  private final TreeBase base;
  private Slot root;
  private long touched = 1;
  private long version;

  /**
   * Scans are told apart by number, so that what an abandoned one marked means nothing any more.
   */
  private int scan = 1;

  private boolean fullScanOpen;

  private Tree(TreeBase base) {
    this.base = base;
    this.root = base == EMPTY ? Slot.absent() : new Slot(null, NodePath.ROOT);
  }

  /** The tree that the base holds, which must not change while this one is used. */
  public static Tree on(TreeBase base) {
    return new Tree(base);
  }

  /** Size of the overlay in entries: what this tree holds in memory. */
  public long touchedEntries() {
    return touched;
  }

  /** What {@link #touchedEntries()} must be, by counting. */
  long countSlots() {
    return Slot.count(List.of(root));
  }

  /**
   * Whether this tree stands between the two marks of a full scan. No snapshot may be taken there.
   */
  public boolean isFullScanOpen() {
    return fullScanOpen;
  }

  /**
   * Applies one change. Reads of the base at most the entries that the change names and their
   * parents, never what is below.
   *
   * @throws TreeException if the change does not fit this tree, which is unchanged then
   * @throws IOException if the base could not be read; nothing visible has changed, so it may be
   *     tried again
   */
  public void apply(Body body) throws IOException {
    version++;
    switch (body) {
      case Put put -> put(put);
      case Change.Remove(NodePath path) -> remove(path);
      case Move move -> move(move);
      case Exchange exchange -> exchange(exchange);
      case Change.Keep(NodePath path) -> keep(path);
      case Change.EpochStarted _ -> fullScanOpen = false;
      case Change.ScanStarted(ScanKind kind) -> startScan(kind);
      case Change.ScanCompleted(ScanKind kind) -> completeScan(kind);
      case Change.Tag _, Change.Heartbeat _ -> {}
    }
  }

  @Override
  public Optional<Node> find(NodePath path) throws IOException {
    return nodeOf(view(path));
  }

  @Override
  public EntryStream subtree(NodePath path) throws IOException {
    return MergedEntries.subtree(base, path, view(path), () -> version);
  }

  @Override
  public EntryStream children(NodePath directory) throws IOException {
    return MergedEntries.children(base, directory, view(directory), () -> version);
  }

  /**
   * Whether from {@code first} to {@code last}, both included and in path order, this tree has
   * exactly what its base has there. May be false although it has. Reads nothing.
   */
  public boolean hasOnlyBase(NodePath first, NodePath last) {
    Slot slot = root;
    NodePath at = NodePath.ROOT;
    NodePath next = null;
    for (Bytes name : first.names()) {
      if (slot.isLeaf() || !at.equals(slot.origin)) {
        return false;
      }
      var behind = slot.children().higherEntry(name);
      next = behind == null ? next : at.child(behind.getKey());
      Slot child = slot.child(name);
      if (child == null) {
        return next == null || next.compareTo(last) > 0;
      }
      slot = child;
      at = at.child(name);
    }
    // The overlay knows something of the very first.
    return false;
  }

  /** The tree that lies below this one. */
  public TreeBase base() {
    return base;
  }

  /**
   * All entries, with those of the base streamed by another object that holds the same. Where this
   * tree has only what the base has, what that object streams is passed on as it comes.
   */
  public EntryStream entriesOver(TreeBase same) throws IOException {
    return MergedEntries.subtree(same, NodePath.ROOT, root, () -> version);
  }

  /** The slot at {@code path}, or one that says the same without being part of the overlay. */
  private Slot view(NodePath path) {
    Slot slot = root;
    for (Bytes name : path.names()) {
      Slot child = slot.child(name);
      slot = child == null ? slot.untouchedChild(name) : child;
    }
    return slot;
  }

  private Optional<Node> nodeOf(Slot slot) throws IOException {
    if (slot.node == null && slot.origin != null) {
      slot.node = base.find(slot.origin).orElse(null);
    }
    return Optional.ofNullable(slot.node);
  }

  private void put(Put put) throws IOException {
    NodePath path = put.path();
    boolean isDirectory = put.node() instanceof Node.Directory;
    if (path.isRoot() && !isDirectory) {
      throw refusal(put, "the root of a tree is a directory");
    }
    Slot slot = path.isRoot() ? root : touchChild(requireParent(path, put), path.lastName());
    if (!isDirectory) {
      touched -= Slot.count(slot.children().values());
      slot.clearChildren();
      slot.origin = null;
    }
    slot.node = put.node();
    slot.putScan = scan;
  }

  private void remove(NodePath path) {
    if (path.isRoot()) {
      root = Slot.absent();
      touched = 1;
      return;
    }
    Slot parent = root;
    for (Bytes name : path.parent().names()) {
      // The base is not asked whether it has this: to hide what is not there does no harm.
      if (parent.isLeaf() || parent.child(name) == null && parent.origin == null) {
        return;
      }
      parent = touchChild(parent, name);
    }
    if (!parent.isLeaf()) {
      forget(detach(parent, path.lastName()));
    }
  }

  private void move(Move move) throws IOException {
    NodePath from = move.from();
    NodePath to = move.to();
    requireApart(from, to, move);
    Node node = requireEntry(from, move);
    if (from.equals(to)) {
      return;
    }
    Slot fromParent = requireParent(from, move);
    Slot toParent = requireParent(to, move);
    Slot moved = take(fromParent, from, node);
    forget(toParent.putChild(to.lastName(), moved));
  }

  private void exchange(Exchange exchange) throws IOException {
    NodePath first = exchange.first();
    NodePath second = exchange.second();
    requireApart(first, second, exchange);
    Node firstNode = requireEntry(first, exchange);
    Node secondNode = requireEntry(second, exchange);
    if (first.equals(second)) {
      return;
    }
    Slot firstParent = requireParent(first, exchange);
    Slot secondParent = requireParent(second, exchange);
    Slot wasFirst = take(firstParent, first, firstNode);
    Slot wasSecond = take(secondParent, second, secondNode);
    forget(firstParent.putChild(first.lastName(), wasSecond));
    forget(secondParent.putChild(second.lastName(), wasFirst));
  }

  private static void requireApart(NodePath one, NodePath other, Body change) throws TreeException {
    if (one.isRoot() || other.isRoot()) {
      throw refusal(change, "the root of a tree stays where it is");
    }
    if (!one.equals(other) && (one.contains(other) || other.contains(one))) {
      throw refusal(change, "one lies below the other");
    }
  }

  private Node requireEntry(NodePath path, Body change) throws IOException {
    return find(path).orElseThrow(() -> refusal(change, "there is no %s".formatted(path)));
  }

  /** The slot of the directory that holds {@code path}. */
  private Slot requireParent(NodePath path, Body change) throws IOException {
    NodePath parent = path.parent();
    Slot slot = view(parent);
    Node node =
        nodeOf(slot)
            .orElseThrow(() -> refusal(change, "there is no directory %s".formatted(parent)));
    if (!(node instanceof Node.Directory)) {
      throw refusal(change, "%s is no directory".formatted(parent));
    }
    Slot touchedSlot = touch(parent);
    touchedSlot.node = node;
    return touchedSlot;
  }

  private static TreeException refusal(Body change, String reason) {
    String what =
        switch (change) {
          case Put(NodePath path, Node _) -> "put of %s".formatted(path);
          case Move(NodePath from, NodePath to) -> "move of %s to %s".formatted(from, to);
          case Exchange(NodePath first, NodePath second) ->
              "exchange of %s and %s".formatted(first, second);
          case Change.Remove _, Change.Keep _, Change.Mark _ -> change.toString();
        };
    return new TreeException(
        "%s: %s. The log and this tree are not of one history; a full scan by the writer mends it."
            .formatted(what, reason));
  }

  private Slot touch(NodePath path) {
    Slot slot = root;
    for (Bytes name : path.names()) {
      slot = touchChild(slot, name);
    }
    return slot;
  }

  private Slot touchChild(Slot parent, Bytes name) {
    Slot child = parent.child(name);
    if (child == null) {
      child = parent.untouchedChild(name);
      parent.putChild(name, child);
      touched++;
    }
    return child;
  }

  /** Takes an entry out of its place, with all below it. */
  private Slot take(Slot parent, NodePath path, Node node) {
    Slot slot = touchChild(parent, path.lastName());
    detach(parent, path.lastName());
    slot.node = node;
    // While a full scan is open this may be moving to where the scan has already been.
    slot.keptScan = scan;
    return slot;
  }

  /** Leaves nothing at a place, and hides what the base has there. */
  private @Nullable Slot detach(Slot parent, Bytes name) {
    Slot gone = parent.removeChild(name);
    if (parent.origin != null) {
      parent.putChild(name, Slot.absent());
      touched++;
    }
    return gone;
  }

  private void forget(@Nullable Slot gone) {
    if (gone != null) {
      touched -= Slot.count(List.of(gone));
    }
  }

  private void startScan(ScanKind kind) {
    scan++;
    fullScanOpen = kind == ScanKind.FULL;
  }

  private void keep(NodePath path) throws IOException {
    if (fullScanOpen && find(path).isPresent()) {
      touch(path).keptScan = scan;
    }
  }

  private void completeScan(ScanKind kind) throws IOException {
    if (fullScanOpen && kind == ScanKind.FULL) {
      new FullScan(scan, this::nodeOf).complete(root);
      touched = Slot.count(List.of(root));
    }
    fullScanOpen = false;
  }
}
