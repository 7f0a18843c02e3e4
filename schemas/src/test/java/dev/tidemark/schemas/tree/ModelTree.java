package dev.tidemark.schemas.tree;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Body;
import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.util.HashSet;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a tree must be, said as plainly as possible: a map of all its entries, rewritten by every
 * change.
 */
final class ModelTree {
  private NavigableMap<NodePath, Node> entries = new TreeMap<>();
  private Set<NodePath> put = new HashSet<>();
  private Set<NodePath> kept = new HashSet<>();
  private boolean fullScanOpen;

  NavigableMap<NodePath, Node> entries() {
    return entries;
  }

  /** Whether the change fits; it is applied if so. */
  boolean apply(Body body) {
    return switch (body) {
      case Change.Put(NodePath path, Node node) -> {
        boolean fits = path.isRoot() ? node instanceof Node.Directory : isDirectory(path.parent());
        if (fits) {
          if (!(node instanceof Node.Directory)) {
            drop(path);
          }
          entries.put(path, node);
          put.add(path);
        }
        yield fits;
      }
      case Change.Remove(NodePath path) -> {
        drop(path);
        yield true;
      }
      case Change.Move(NodePath from, NodePath to) -> {
        boolean fits = areApart(from, to) && entries.containsKey(from) && hasParent(to);
        if (fits && !from.equals(to)) {
          drop(to);
          swap(from, to);
          kept.add(to);
        }
        yield fits;
      }
      case Change.Exchange(NodePath first, NodePath second) -> {
        boolean fits =
            areApart(first, second) && entries.containsKey(first) && entries.containsKey(second);
        if (fits && !first.equals(second)) {
          swap(first, second);
          kept.add(first);
          kept.add(second);
        }
        yield fits;
      }
      case Change.Keep(NodePath path) -> {
        if (entries.containsKey(path)) {
          kept.add(path);
        }
        yield true;
      }
      case Change.EpochStarted _ -> {
        fullScanOpen = false;
        yield true;
      }
      case Change.ScanStarted(ScanKind kind) -> {
        put.clear();
        kept.clear();
        fullScanOpen = kind == ScanKind.FULL;
        yield true;
      }
      case Change.ScanCompleted(ScanKind kind) -> {
        if (fullScanOpen && kind == ScanKind.FULL) {
          dropUnmarked();
        }
        fullScanOpen = false;
        yield true;
      }
      case Change.Tag _, Change.Heartbeat _ -> true;
    };
  }

  private boolean isDirectory(NodePath path) {
    return entries.get(path) instanceof Node.Directory;
  }

  private boolean hasParent(NodePath path) {
    return isDirectory(path.parent());
  }

  private static boolean areApart(NodePath one, NodePath other) {
    return !one.isRoot()
        && !other.isRoot()
        && (one.equals(other) || !one.contains(other) && !other.contains(one));
  }

  private void drop(NodePath top) {
    entries.keySet().removeIf(top::contains);
    put.removeIf(top::contains);
    kept.removeIf(top::contains);
  }

  private void swap(NodePath one, NodePath other) {
    NavigableMap<NodePath, Node> swapped = new TreeMap<>();
    entries.forEach((path, node) -> swapped.put(swapped(path, one, other), node));
    entries = swapped;
    put = put.stream().map(path -> swapped(path, one, other)).collect(Collectors.toSet());
    kept = kept.stream().map(path -> swapped(path, one, other)).collect(Collectors.toSet());
  }

  private static NodePath swapped(NodePath path, NodePath one, NodePath other) {
    if (one.contains(path)) {
      return path.rebase(one, other);
    }
    return other.contains(path) ? path.rebase(other, one) : path;
  }

  private void dropUnmarked() {
    Set<NodePath> staying =
        entries.keySet().stream()
            .filter(path -> put.contains(path) || kept.stream().anyMatch(k -> k.contains(path)))
            .collect(Collectors.toSet());
    entries.keySet().removeIf(path -> staying.stream().noneMatch(stays -> path.contains(stays)));
  }
}
