package dev.tidemark.filesystem.linux;

import java.util.Arrays;

/**
 * One event, as the kernel tells it. It says where to look, not what is there now.
 *
 * @param watch number from {@link Inotify#addWatch}; -1 if the queue overflowed
 * @param mask bits of {@link WatchMask}
 * @param cookie the same for both halves of a rename, else 0
 * @param name in the watched directory, empty if it is about the directory itself; not copied, not
 *     to be changed
 */
public record InotifyEvent(int watch, int mask, int cookie, byte[] name) {
  /** Whether any of these bits of {@link WatchMask} is set. */
  public boolean has(int bits) {
    return (mask & bits) != 0;
  }

  /** Events were lost, of any watch of the instance. */
  public boolean isOverflow() {
    return has(WatchMask.QUEUE_OVERFLOW);
  }

  /** The name was a directory's at that time. */
  public boolean isDirectory() {
    return has(WatchMask.IS_DIRECTORY);
  }

  /** The watch is gone: removed, or its directory is. */
  public boolean isIgnored() {
    return has(WatchMask.IGNORED);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof InotifyEvent that
        && watch == that.watch
        && mask == that.mask
        && cookie == that.cookie
        && Arrays.equals(name, that.name);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * watch + mask) + Arrays.hashCode(name);
  }

  @Override
  public String toString() {
    return "watch %d mask 0x%x cookie %d %s"
        .formatted(watch, mask, cookie, EscapedBytes.display(name));
  }
}
