package dev.tidemark.mirror;

/** What a standby does for its target to survive a power loss. */
public enum Durability {
  /**
   * Nothing, but after a bootstrap: what was applied since is read and hashed after a power loss.
   */
  NONE,
  /** The file system is synced every few seconds, and it is noted up to where. */
  BATCH,
  /** That, and each file before it gets its name. */
  FILE
}
