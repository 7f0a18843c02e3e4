package dev.tidemark.browse;

import dev.tidemark.schemas.change.NodePath;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;

/** Finds a subtree in a map by paths, whose order puts it together. */
final class PathsWithin {
  private PathsWithin() {}

  /** The keys at a path and below it; a copy, so that they may be removed. */
  static List<NodePath> of(NavigableMap<NodePath, ?> map, NodePath path) {
    List<NodePath> found = new ArrayList<>();
    for (NodePath at : map.tailMap(path).keySet()) {
      if (!path.contains(at)) {
        break;
      }
      found.add(at);
    }
    return found;
  }
}
