package dev.tidemark.filesystem.linux;

/** Constants that are the same on x86-64 and aarch64, by the header that defines them. */
final class LinuxConstants {
  // fcntl.h
  static final int AT_FDCWD = -100;
  static final int AT_SYMLINK_NOFOLLOW = 0x100;
  static final int AT_REMOVEDIR = 0x200;
  static final int AT_NO_AUTOMOUNT = 0x800;
  static final int AT_EMPTY_PATH = 0x1000;
  static final int O_RDONLY = 0;
  static final int O_RDWR = 0x2;
  static final int O_CREAT = 0x40;
  static final int O_EXCL = 0x80;
  static final int O_NONBLOCK = 0x800;
  static final int O_NOATIME = 0x40000;
  static final int O_CLOEXEC = 0x80000;
  static final int O_PATH = 0x200000;

  // linux/openat2.h
  static final long RESOLVE_NO_MAGICLINKS = 0x02;
  static final long RESOLVE_NO_SYMLINKS = 0x04;
  static final long RESOLVE_BENEATH = 0x08;

  // linux/stat.h
  static final int STATX_BASIC_STATS = 0x7ff;
  static final int STATX_MNT_ID = 0x1000;
  static final long STATX_ATTR_IMMUTABLE = 0x10;
  static final long STATX_ATTR_APPEND = 0x20;
  static final int S_IFMT = 0xf000;
  static final int PERMISSION_BITS = 0xfff;
  static final long UTIME_OMIT = 0x3ffffffeL;

  // linux/fs.h, linux/falloc.h, unistd.h
  static final int RENAME_NOREPLACE = 1;
  static final int RENAME_EXCHANGE = 2;
  static final int FALLOC_FL_KEEP_SIZE = 1;
  static final int SEEK_SET = 0;
  static final int SEEK_DATA = 3;
  static final int SEEK_HOLE = 4;

  // sys/eventfd.h, poll.h, sys/inotify.h
  static final int EFD_CLOEXEC = O_CLOEXEC;
  static final int EFD_NONBLOCK = O_NONBLOCK;
  static final short POLLIN = 1;
  static final int IN_CLOEXEC = O_CLOEXEC;
  static final int IN_NONBLOCK = O_NONBLOCK;
  static final int IN_ONLYDIR = 0x01000000;
  static final int IN_EXCL_UNLINK = 0x04000000;

  // linux/fanotify.h
  static final int FAN_CLOEXEC = 0x1;
  static final int FAN_NONBLOCK = 0x2;
  static final int FAN_CLASS_NOTIF = 0;
  static final int FAN_UNLIMITED_QUEUE = 0x10;
  static final int FAN_REPORT_DFID_NAME = 0xc00;
  static final int FAN_MARK_ADD = 0x1;
  static final int FAN_MARK_FILESYSTEM = 0x100;
  static final long FAN_RENAME = 0x10000000L;
  static final long FAN_ONDIR = 0x40000000L;
  static final byte FAN_EVENT_INFO_TYPE_DFID_NAME = 2;
  static final byte FAN_EVENT_INFO_TYPE_OLD_DFID_NAME = 10;
  static final byte FAN_EVENT_INFO_TYPE_NEW_DFID_NAME = 12;
  static final byte FANOTIFY_METADATA_VERSION = 3;

  // bits/fcntl-linux.h
  static final int MAX_HANDLE_SZ = 128;

  // linux/limits.h
  static final int XATTR_NAME_MAX = 255;
  static final int XATTR_SIZE_MAX = 65536;
  static final int XATTR_LIST_MAX = 65536;

  /** Longest path the kernel takes in one call, without its final NUL (PATH_MAX of limits.h). */
  static final int MAX_PATH_BYTES = 4095;

  private LinuxConstants() {}

  // sys/socket.h and sys/un.h
  static final short AF_UNIX = 1;
  static final int SOCK_DGRAM = 2;
  static final int SOCK_CLOEXEC = O_CLOEXEC;
  static final int MSG_DONTWAIT = 0x40;
  static final int MSG_NOSIGNAL = 0x4000;
  static final int SUN_PATH_BYTES = 108;
}
