package dev.tidemark.filesystem.linux;

/**
 * What a watch reports, as the bits of {@code sys/inotify.h}. The bits a watch itself is made with
 * (only directories, not what is unlinked) are added by {@link Inotify}.
 *
 * @param bits any of the constants up to {@link #MOVE_SELF}, at least one
 */
public record WatchMask(int bits) {
  public static final int ACCESS = 0x001;
  public static final int MODIFY = 0x002;
  public static final int ATTRIB = 0x004;
  public static final int CLOSE_WRITE = 0x008;
  public static final int CLOSE_NOWRITE = 0x010;
  public static final int OPEN = 0x020;
  public static final int MOVED_FROM = 0x040;
  public static final int MOVED_TO = 0x080;
  public static final int CREATE = 0x100;
  public static final int DELETE = 0x200;
  public static final int DELETE_SELF = 0x400;
  public static final int MOVE_SELF = 0x800;

  /** In events only: the filesystem was unmounted. */
  public static final int UNMOUNT = 0x2000;

  /** In events only: the queue was full and events are lost; the event has watch -1. */
  public static final int QUEUE_OVERFLOW = 0x4000;

  /** In events only: the watch is gone, and its number may come again. */
  public static final int IGNORED = 0x8000;

  /** In events only: the name is a directory's. */
  public static final int IS_DIRECTORY = 0x40000000;

  /** Everything that changes names, bytes or attributes. */
  public static final WatchMask CHANGES =
      new WatchMask(
          MODIFY
              | ATTRIB
              | CLOSE_WRITE
              | MOVED_FROM
              | MOVED_TO
              | CREATE
              | DELETE
              | DELETE_SELF
              | MOVE_SELF);

  private static final int ALL = 0xfff;

  public WatchMask {
    if (bits == 0 || (bits & ~ALL) != 0) {
      throw new IllegalArgumentException(
          "A watch mask has some of the bits 0xfff and no other: 0x%x".formatted(bits));
    }
  }
}
