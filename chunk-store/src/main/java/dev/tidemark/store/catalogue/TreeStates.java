package dev.tidemark.store.catalogue;

import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Head;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** The heads of the trees whose tasks this process owns, for status. Thread-safe. */
public final class TreeStates {
  private final ConcurrentHashMap<TreeName, Head> heads = new ConcurrentHashMap<>();

  void set(Head head) {
    heads.put(head.tree(), head);
  }

  void remove(TreeName tree) {
    heads.remove(tree);
  }

  /** A copy, by name. */
  public Map<TreeName, Head> heads() {
    return new TreeMap<>(heads);
  }
}
