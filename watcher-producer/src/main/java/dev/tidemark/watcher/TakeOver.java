package dev.tidemark.watcher;

/** What to do about a tree whose last writer was another one. */
public enum TakeOver {
  /** Refuse to start. */
  REFUSE,
  /** Become the writer: the other one is fenced, and a full scan makes the tree what is here. */
  FORCE
}
