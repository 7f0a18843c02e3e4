package dev.tidemark.store.catalogue;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.ScanCompleted;
import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.schemas.change.Change.ScanStarted;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.util.List;
import java.util.Optional;

/**
 * Follows one file version whose bytes are lost through the changes after it, to the change that
 * takes its place. Until then nothing after it may be sealed; from then on the version can be left
 * out of the history without anybody missing more than was lost. Owned by one thread.
 */
final class Supersession {
  private final Node node;
  private final NodePath first;
  private NodePath path;
  private boolean moved;
  private boolean inFullScan;
  private boolean kept;
  private Optional<Change> successor = Optional.empty();

  Supersession(NodePath path, Node node) {
    this.first = path;
    this.path = path;
    this.node = node;
  }

  /** Takes the next accepted change; true once a change has taken the version's place. */
  boolean follow(Change change) {
    boolean replaced =
        switch (change.body()) {
          case Change.Put(var at, _) -> at.equals(path);
          case Change.Remove(var at) -> at.contains(path);
          case Change.Move(var from, var to) -> move(from, to);
          case Change.Exchange(var a, var b) -> exchange(a, b);
          case Change.Keep(var at) -> {
            kept |= at.contains(path);
            yield false;
          }
          case ScanStarted(var kind) -> {
            inFullScan = kind == ScanKind.FULL;
            kept = false;
            yield false;
          }
          case ScanCompleted(var kind) -> {
            boolean swept = kind == ScanKind.FULL && inFullScan && !kept;
            inFullScan = false;
            yield swept;
          }
          case Change.EpochStarted _ -> {
            inFullScan = false; // A new epoch voids an open scan.
            yield false;
          }
          case Change.Tag _, Change.Heartbeat _ -> false;
        };
    if (replaced) {
      successor = Optional.of(change);
    }
    return replaced;
  }

  private boolean move(NodePath from, NodePath to) {
    if (from.contains(path)) {
      moved |= from.equals(path);
      path = path.rebase(from, to);
      return false;
    }
    return to.contains(path);
  }

  private boolean exchange(NodePath a, NodePath b) {
    if (a.contains(path)) {
      moved |= a.equals(path);
      path = path.rebase(a, b);
    } else if (b.contains(path)) {
      moved |= b.equals(path);
      path = path.rebase(b, a);
    }
    return false;
  }

  /** The change that took the version's place; empty if none has. */
  Optional<Change> successor() {
    return successor;
  }

  /**
   * What stands in the history for the lost version: nothing, so that the version before it shows;
   * or, if it was renamed before it was replaced, an empty file marked as torn, since a rename
   * needs something to rename.
   */
  Change.Body substitute() {
    if (!moved) {
      return new Change.Keep(first);
    }
    Metadata metadata = node.metadata();
    return new Change.Put(first, new Node.File(metadata, new Content(0, List.of(), true)));
  }
}
