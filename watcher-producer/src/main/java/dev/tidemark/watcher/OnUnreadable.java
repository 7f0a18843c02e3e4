package dev.tidemark.watcher;

/** What a watcher does about an entry, or a part of one, that it cannot read. */
public enum OnUnreadable {
  /** Says so once for each kind, counts it, keeps what was published of it and tries again. */
  REPORT,
  /** Stops with the path and the reason. */
  FAIL
}
