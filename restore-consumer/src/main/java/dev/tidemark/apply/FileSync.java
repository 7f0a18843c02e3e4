package dev.tidemark.apply;

/** When the bytes of a file are made to survive a power loss. */
public enum FileSync {
  /** By whoever syncs the file system later on, or by the kernel in its own time. */
  LATER,
  /** Before the file gets its name: whatever stands under a name is whole, on any file system. */
  BEFORE_NAMED
}
