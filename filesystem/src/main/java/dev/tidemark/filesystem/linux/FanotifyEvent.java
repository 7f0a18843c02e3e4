package dev.tidemark.filesystem.linux;

import java.util.Arrays;

/**
 * One event of a filesystem. It says where to look, not what is there now: the kernel merges events
 * of one name, and their order across names is not that of what happened.
 */
public sealed interface FanotifyEvent {
  /** The queue was full: events were lost, of any directory. */
  record Overflow() implements FanotifyEvent {}

  /**
   * Something happened under a name.
   *
   * @param mask bits of {@link WatchMask}, perhaps several that were merged
   * @param name in the directory; empty if it is about the directory itself
   */
  record At(int mask, FileHandle directory, byte[] name) implements FanotifyEvent {
    /** Whether any of these bits of {@link WatchMask} is set. */
    public boolean has(int bits) {
      return (mask & bits) != 0;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof At that
          && mask == that.mask
          && directory.equals(that.directory)
          && Arrays.equals(name, that.name);
    }

    @Override
    public int hashCode() {
      return 31 * (31 * mask + directory.hashCode()) + Arrays.hashCode(name);
    }

    @Override
    public String toString() {
      return "mask 0x%x %s/%s".formatted(mask, directory, EscapedBytes.display(name));
    }
  }

  /**
   * An entry was renamed.
   *
   * @param mask {@link WatchMask#IS_DIRECTORY} if it is a directory
   */
  record Renamed(int mask, FileHandle from, byte[] fromName, FileHandle to, byte[] toName)
      implements FanotifyEvent {
    @Override
    public boolean equals(Object other) {
      return other instanceof Renamed that
          && mask == that.mask
          && from.equals(that.from)
          && to.equals(that.to)
          && Arrays.equals(fromName, that.fromName)
          && Arrays.equals(toName, that.toName);
    }

    @Override
    public int hashCode() {
      int hash = 31 * (31 * mask + from.hashCode()) + Arrays.hashCode(fromName);
      return 31 * (31 * hash + to.hashCode()) + Arrays.hashCode(toName);
    }

    @Override
    public String toString() {
      return "mask 0x%x %s/%s -> %s/%s"
          .formatted(mask, from, EscapedBytes.display(fromName), to, EscapedBytes.display(toName));
    }
  }
}
