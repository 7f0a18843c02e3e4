package dev.tidemark.repository.verify;

/** How far a check goes. */
public enum VerifyMode {
  /**
   * All of the index, the logs, the snapshots and the packs' footers, and that every chunk named is
   * indexed.
   */
  STRUCTURE,
  /** That, and every byte of every pack: each frame is decoded and hashed. */
  READ_DATA
}
