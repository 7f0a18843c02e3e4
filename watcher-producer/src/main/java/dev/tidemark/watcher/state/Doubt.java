package dev.tidemark.watcher.state;

/** How much of the tree a change touches of which nobody knows whether it was accepted. */
public enum Doubt {
  /** The entry itself. */
  ENTRY,
  /** The entry and all below it. */
  SUBTREE
}
