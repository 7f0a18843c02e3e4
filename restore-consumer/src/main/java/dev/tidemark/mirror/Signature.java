package dev.tidemark.mirror;

import dev.tidemark.filesystem.linux.FileStatus;

/**
 * How a file was left when it was applied; its size and time are those of its node. An equal
 * signature means that nobody has written to it since.
 */
record Signature(long inode, long ctimeSeconds, int ctimeNanos) {
  static final Signature UNKNOWN = new Signature(0, 0, 0);

  static Signature of(FileStatus status) {
    return new Signature(status.inode(), status.ctimeSeconds(), status.ctimeNanos());
  }
}
