package dev.tidemark.store.catalogue;

import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Head;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** The heads of the trees whose tasks this process owns, for status. Thread-safe. */
public final class TreeStates {
  /** Whether an age is one at which somebody must act. */
  public enum Age {
    FINE,
    /** Past half of the retention of the chunks topic. */
    LATE
  }

  /**
   * How far behind sealing is.
   *
   * @param millis age of the oldest change that is not sealed; 0 if all are
   * @param sinceMillis log time of that change; 0 if all are sealed
   */
  public record Lag(long millis, long sinceMillis, Age age) {
    static final Lag NONE = new Lag(0, 0, Age.FINE);
  }

  private final ConcurrentHashMap<TreeName, Head> heads = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<TreeName, Lag> lags = new ConcurrentHashMap<>();

  void set(Head head) {
    heads.put(head.tree(), head);
  }

  void setLag(TreeName tree, Lag lag) {
    lags.put(tree, lag);
  }

  void remove(TreeName tree) {
    heads.remove(tree);
    lags.remove(tree);
  }

  /** How far behind the sealing of a tree is. */
  public Lag lag(TreeName tree) {
    return lags.getOrDefault(tree, Lag.NONE);
  }

  /** A copy, by name. */
  public Map<TreeName, Head> heads() {
    return new TreeMap<>(heads);
  }
}
