package dev.tidemark.filesystem.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/** Changes mode, owner and times of inodes; symlinks are never followed. */
final class Attributes {
  private static final long TV_SEC = Layouts.offset(Layouts.TIMESPEC, "tv_sec");
  private static final long TV_NSEC = Layouts.offset(Layouts.TIMESPEC, "tv_nsec");
  private static final long MODIFIED = Layouts.TIMESPEC.byteSize();
  private static final long MAX_ID = 0xffff_fffeL;

  private Attributes() {}

  static void changeMode(Descriptor file, int mode) throws SystemCallException {
    Scratch scratch = Scratch.ofThread();
    int permissions = mode & LinuxConstants.PERMISSION_BITS;
    if (LibC.fchmod(scratch, file.number(), permissions) >= 0) {
      return;
    }
    if (!scratch.failedWith(Errno.EBADF)) {
      throw Names.failed(scratch, "fchmod", file);
    }
    // A handle (O_PATH) is refused by fchmod, but /proc leads to the very inode.
    if (LibC.chmod(scratch, scratch.procPath(file.number()), permissions) < 0) {
      throw Names.failed(scratch, "chmod", file);
    }
  }

  static void changeMode(Descriptor parent, byte[] name, int mode) throws SystemCallException {
    try (Descriptor handle = Opening.openHandle(parent, name)) {
      if (Statuses.status(handle).type() == FileType.SYMLINK) {
        // Some kernels change it and say EOPNOTSUPP, others change it and say nothing.
        throw new SystemCallException("chmod", Names.display(parent, name), Errno.EOPNOTSUPP);
      }
      changeMode(handle, mode);
    }
  }

  static void changeOwner(Descriptor file, long uid, long gid) throws SystemCallException {
    Scratch scratch = Scratch.ofThread();
    int result =
        LibC.fchownat(
            scratch,
            file.number(),
            scratch.emptyPath(),
            requireId(uid),
            requireId(gid),
            LinuxConstants.AT_EMPTY_PATH);
    if (result < 0) {
      throw Names.failed(scratch, "fchownat", file);
    }
  }

  static void changeOwner(Descriptor parent, byte[] name, long uid, long gid)
      throws SystemCallException {
    Names.requireName("fchownat", parent, name);
    Scratch scratch = Scratch.ofThread();
    int result =
        LibC.fchownat(
            scratch,
            parent.number(),
            scratch.first(name),
            requireId(uid),
            requireId(gid),
            LinuxConstants.AT_SYMLINK_NOFOLLOW);
    if (result < 0) {
      throw Names.failed(scratch, "fchownat", parent, name);
    }
  }

  static void changeTimes(Descriptor file, long mtimeSeconds, int mtimeNanos)
      throws SystemCallException {
    Scratch scratch = Scratch.ofThread();
    MemorySegment times = times(scratch, mtimeSeconds, mtimeNanos);
    if (LibC.futimens(scratch, file.number(), times) >= 0) {
      return;
    }
    if (!scratch.failedWith(Errno.EBADF)) {
      throw Names.failed(scratch, "futimens", file);
    }
    MemorySegment path = scratch.procPath(file.number());
    if (LibC.utimensat(scratch, LinuxConstants.AT_FDCWD, path, times, 0) < 0) {
      throw Names.failed(scratch, "utimensat", file);
    }
  }

  static void changeTimes(Descriptor parent, byte[] name, long mtimeSeconds, int mtimeNanos)
      throws SystemCallException {
    Names.requireName("utimensat", parent, name);
    Scratch scratch = Scratch.ofThread();
    MemorySegment times = times(scratch, mtimeSeconds, mtimeNanos);
    int result =
        LibC.utimensat(
            scratch,
            parent.number(),
            scratch.first(name),
            times,
            LinuxConstants.AT_SYMLINK_NOFOLLOW);
    if (result < 0) {
      throw Names.failed(scratch, "utimensat", parent, name);
    }
  }

  private static MemorySegment times(Scratch scratch, long mtimeSeconds, int mtimeNanos) {
    if (mtimeNanos < 0 || mtimeNanos > 999_999_999) {
      throw new IllegalArgumentException("Nanoseconds are 0 to 999999999, these are " + mtimeNanos);
    }
    MemorySegment times = scratch.times();
    times.set(JAVA_LONG, TV_SEC, 0);
    times.set(JAVA_LONG, TV_NSEC, LinuxConstants.UTIME_OMIT);
    times.set(JAVA_LONG, MODIFIED + TV_SEC, mtimeSeconds);
    times.set(JAVA_LONG, MODIFIED + TV_NSEC, mtimeNanos);
    return times;
  }

  private static int requireId(long id) {
    if (id < -1 || id > MAX_ID) {
      throw new IllegalArgumentException(
          "A user or group id is 0 to %d, or -1 to keep the old: %d".formatted(MAX_ID, id));
    }
    return (int) id;
  }
}
