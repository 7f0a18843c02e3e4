package dev.tidemark.watcher.read;

/** What to do about filesystems, and parts of them, that are mounted below a tree's root. */
public enum Mounts {
  /** A mount point is published as an empty directory, and nothing below it is watched. */
  STAY,
  /** They are part of the tree. */
  CROSS
}
