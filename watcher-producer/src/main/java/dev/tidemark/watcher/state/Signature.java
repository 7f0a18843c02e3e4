package dev.tidemark.watcher.state;

import dev.tidemark.filesystem.linux.FileStatus;

/**
 * By what an entry is seen to be unchanged without being read. An inode alone proves nothing: it is
 * used again.
 */
public record Signature(
    long size, long mtimeSeconds, int mtimeNanos, long ctimeSeconds, int ctimeNanos, long inode) {
  public static Signature of(FileStatus status) {
    return new Signature(
        status.size(),
        status.mtimeSeconds(),
        status.mtimeNanos(),
        status.ctimeSeconds(),
        status.ctimeNanos(),
        status.inode());
  }

  /**
   * Same size and modification time: the bytes are taken to be the same, whatever happened to the
   * metadata.
   */
  public boolean sameBytesAs(Signature other) {
    return size == other.size
        && mtimeSeconds == other.mtimeSeconds
        && mtimeNanos == other.mtimeNanos;
  }

  public boolean sameChangeTimeAs(Signature other) {
    return ctimeSeconds == other.ctimeSeconds && ctimeNanos == other.ctimeNanos;
  }

  /**
   * Whether a change in the same clock tick as {@code now} would leave this signature as it is.
   *
   * @param withinMillis the coarsest tick that is to be reckoned with
   */
  public boolean isRacyAt(long nowMillis, long withinMillis) {
    return ctimeSeconds * 1000 + ctimeNanos / 1_000_000 > nowMillis - withinMillis;
  }
}
