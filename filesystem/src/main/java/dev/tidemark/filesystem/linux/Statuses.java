package dev.tidemark.filesystem.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;

/** Questions about inodes: statx, readlink, statfs. */
final class Statuses {
  private static final int MASK = LinuxConstants.STATX_BASIC_STATS | LinuxConstants.STATX_MNT_ID;
  private static final int NO_FOLLOW =
      LinuxConstants.AT_SYMLINK_NOFOLLOW | LinuxConstants.AT_NO_AUTOMOUNT;

  private static final long STX_MASK = Layouts.offset(Layouts.STATX, "stx_mask");
  private static final long STX_ATTRIBUTES = Layouts.offset(Layouts.STATX, "stx_attributes");
  private static final long STX_NLINK = Layouts.offset(Layouts.STATX, "stx_nlink");
  private static final long STX_UID = Layouts.offset(Layouts.STATX, "stx_uid");
  private static final long STX_GID = Layouts.offset(Layouts.STATX, "stx_gid");
  private static final long STX_MODE = Layouts.offset(Layouts.STATX, "stx_mode");
  private static final long STX_INO = Layouts.offset(Layouts.STATX, "stx_ino");
  private static final long STX_SIZE = Layouts.offset(Layouts.STATX, "stx_size");
  private static final long STX_BLOCKS = Layouts.offset(Layouts.STATX, "stx_blocks");
  private static final long STX_CTIME_SECONDS =
      Layouts.offset(Layouts.STATX, "stx_ctime", "tv_sec");
  private static final long STX_CTIME_NANOS = Layouts.offset(Layouts.STATX, "stx_ctime", "tv_nsec");
  private static final long STX_MTIME_SECONDS =
      Layouts.offset(Layouts.STATX, "stx_mtime", "tv_sec");
  private static final long STX_MTIME_NANOS = Layouts.offset(Layouts.STATX, "stx_mtime", "tv_nsec");
  private static final long STX_RDEV_MAJOR = Layouts.offset(Layouts.STATX, "stx_rdev_major");
  private static final long STX_RDEV_MINOR = Layouts.offset(Layouts.STATX, "stx_rdev_minor");
  private static final long STX_DEV_MAJOR = Layouts.offset(Layouts.STATX, "stx_dev_major");
  private static final long STX_DEV_MINOR = Layouts.offset(Layouts.STATX, "stx_dev_minor");
  private static final long STX_MNT_ID = Layouts.offset(Layouts.STATX, "stx_mnt_id");

  private Statuses() {}

  static FileStatus status(Descriptor descriptor) throws SystemCallException {
    Scratch scratch = Scratch.ofThread();
    int result =
        LibC.statx(
            scratch,
            descriptor.number(),
            scratch.emptyPath(),
            LinuxConstants.AT_EMPTY_PATH | LinuxConstants.AT_NO_AUTOMOUNT,
            MASK,
            scratch.statx());
    if (result < 0) {
      throw Names.failed(scratch, "statx", descriptor);
    }
    return decode(scratch.statx());
  }

  static FileStatus status(Descriptor parent, byte[] name) throws SystemCallException {
    Names.requireName("statx", parent, name);
    Scratch scratch = Scratch.ofThread();
    if (statx(scratch, parent, scratch.first(name)) < 0) {
      throw Names.failed(scratch, "statx", parent, name);
    }
    return decode(scratch.statx());
  }

  static Optional<FileStatus> findStatus(Descriptor parent, byte[] name)
      throws SystemCallException {
    Names.requireName("statx", parent, name);
    Scratch scratch = Scratch.ofThread();
    if (statx(scratch, parent, scratch.first(name)) >= 0) {
      return Optional.of(decode(scratch.statx()));
    }
    if (scratch.failedWith(Errno.ENOENT)) {
      return Optional.empty();
    }
    throw Names.failed(scratch, "statx", parent, name);
  }

  static boolean isProtected(Descriptor descriptor) throws SystemCallException {
    // Fills the thread's scratch.
    FileStatus unused = status(descriptor);
    return hasProtection(Scratch.ofThread());
  }

  static boolean isProtected(Descriptor parent, byte[] name) throws SystemCallException {
    return findStatus(parent, name).isPresent() && hasProtection(Scratch.ofThread());
  }

  private static boolean hasProtection(Scratch scratch) {
    long protecting = LinuxConstants.STATX_ATTR_IMMUTABLE | LinuxConstants.STATX_ATTR_APPEND;
    return (scratch.statx().get(JAVA_LONG, STX_ATTRIBUTES) & protecting) != 0;
  }

  static boolean isSymlink(Scratch scratch, Descriptor parent, MemorySegment name) {
    return statx(scratch, parent, name) >= 0
        && FileType.ofMode(scratch.statx().get(JAVA_SHORT, STX_MODE)) == FileType.SYMLINK;
  }

  static byte[] readSymlink(Descriptor parent, byte[] name) throws SystemCallException {
    Names.requireName("readlinkat", parent, name);
    Scratch scratch = Scratch.ofThread();
    MemorySegment link = scratch.link();
    long length =
        LibC.readlinkat(scratch, parent.number(), scratch.first(name), link, link.byteSize());
    if (length < 0) {
      throw Names.failed(scratch, "readlinkat", parent, name);
    }
    if (length == link.byteSize()) {
      // Cut off: no local filesystem has such a target, and half of one is worse than none.
      throw new SystemCallException("readlinkat", Names.display(parent, name), Errno.ENAMETOOLONG);
    }
    byte[] target = new byte[(int) length];
    MemorySegment.copy(link, JAVA_BYTE, 0, target, 0, target.length);
    return target;
  }

  static long filesystemType(Descriptor descriptor) throws SystemCallException {
    Scratch scratch = Scratch.ofThread();
    if (LibC.fstatfs(scratch, descriptor.number(), scratch.statfs()) < 0) {
      throw Names.failed(scratch, "fstatfs", descriptor);
    }
    return scratch.statfs().get(JAVA_LONG, 0);
  }

  static String bootId() throws SystemCallException {
    String path = "/proc/sys/kernel/random/boot_id";
    Scratch scratch = Scratch.ofThread();
    int opened =
        LibC.openat(
            scratch,
            LinuxConstants.AT_FDCWD,
            scratch.first(path.getBytes(US_ASCII)),
            LinuxConstants.O_RDONLY | LinuxConstants.O_CLOEXEC,
            0);
    if (opened < 0) {
      throw new SystemCallException("openat", path, scratch.errno());
    }
    try (Descriptor file = new Descriptor(opened)) {
      byte[] id = new byte[64];
      int length = Transfer.read(file, id, 0, id.length);
      return new String(Arrays.copyOf(id, length), US_ASCII).strip();
    }
  }

  private static int statx(Scratch scratch, Descriptor parent, MemorySegment name) {
    return LibC.statx(scratch, parent.number(), name, NO_FOLLOW, MASK, scratch.statx());
  }

  private static FileStatus decode(MemorySegment statx) {
    int mode = Short.toUnsignedInt(statx.get(JAVA_SHORT, STX_MODE));
    boolean knowsMount = (statx.get(JAVA_INT, STX_MASK) & LinuxConstants.STATX_MNT_ID) != 0;
    return new FileStatus(
        FileType.ofMode(mode),
        mode & LinuxConstants.PERMISSION_BITS,
        Integer.toUnsignedLong(statx.get(JAVA_INT, STX_UID)),
        Integer.toUnsignedLong(statx.get(JAVA_INT, STX_GID)),
        statx.get(JAVA_LONG, STX_SIZE),
        statx.get(JAVA_LONG, STX_INO),
        device(statx.get(JAVA_INT, STX_DEV_MAJOR), statx.get(JAVA_INT, STX_DEV_MINOR)),
        knowsMount ? statx.get(JAVA_LONG, STX_MNT_ID) : -1,
        Integer.toUnsignedLong(statx.get(JAVA_INT, STX_NLINK)),
        statx.get(JAVA_LONG, STX_MTIME_SECONDS),
        statx.get(JAVA_INT, STX_MTIME_NANOS),
        statx.get(JAVA_LONG, STX_CTIME_SECONDS),
        statx.get(JAVA_INT, STX_CTIME_NANOS),
        statx.get(JAVA_INT, STX_RDEV_MAJOR),
        statx.get(JAVA_INT, STX_RDEV_MINOR),
        statx.get(JAVA_LONG, STX_BLOCKS));
  }

  /** As {@code makedev} of glibc composes it. */
  static long device(int major, int minor) {
    long high = Integer.toUnsignedLong(major);
    long low = Integer.toUnsignedLong(minor);
    return ((high & 0xfffff000L) << 32)
        | ((high & 0xfffL) << 8)
        | ((low & 0xffffff00L) << 12)
        | (low & 0xffL);
  }
}
