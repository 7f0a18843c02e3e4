package dev.tidemark.filesystem.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/**
 * Opens directories below another one, without following any symlink and never outside. {@code
 * openat2} does it in one call. Where that call is unknown or forbidden (old kernels, seccomp
 * filters, gVisor) each component is opened by itself with O_NOFOLLOW; both answer the same.
 */
final class Beneath {
  /** How a path is resolved. */
  enum Way {
    OPENAT2,
    WALK
  }

  private static final Architecture ARCHITECTURE = Architecture.running();
  private static final long HOW_FLAGS = Layouts.offset(Layouts.OPEN_HOW, "flags");
  private static final long HOW_MODE = Layouts.offset(Layouts.OPEN_HOW, "mode");
  private static final long HOW_RESOLVE = Layouts.offset(Layouts.OPEN_HOW, "resolve");

  /** A rename anywhere on the machine can make openat2 ask to be called again. */
  private static final int MAX_TRIES = 64;

  private static volatile Way usual = Way.OPENAT2;

  private Beneath() {}

  static Descriptor openDirectory(Descriptor root, byte[] path) throws SystemCallException {
    return openDirectory(usual, root, path);
  }

  static Descriptor openDirectory(Way way, Descriptor root, byte[] path)
      throws SystemCallException {
    String call = way == Way.OPENAT2 ? "openat2" : "openat";
    Names.requireRelativePath(call, root, path);
    if (path.length == 0) {
      return reopen(root);
    }
    int from = 0;
    Descriptor at = root;
    try {
      while (path.length - from > LinuxConstants.MAX_PATH_BYTES) {
        int cut = lastSlash(call, root, path, from);
        Descriptor next = openPiece(way, root, at, path, from, cut, LinuxConstants.O_PATH);
        closePiece(at, root);
        at = next;
        from = cut + 1;
      }
      return openPiece(way, root, at, path, from, path.length, LinuxConstants.O_RDONLY);
    } finally {
      closePiece(at, root);
    }
  }

  /** The same directory again, with a listing position of its own. */
  private static Descriptor reopen(Descriptor directory) throws SystemCallException {
    Scratch scratch = Scratch.ofThread();
    int opened =
        LibC.openat(
            scratch,
            LinuxConstants.AT_FDCWD,
            scratch.procPath(directory.number()),
            LinuxConstants.O_RDONLY | ARCHITECTURE.openDirectory | LinuxConstants.O_CLOEXEC,
            0);
    if (opened < 0) {
      throw Names.failed(scratch, "openat", directory);
    }
    return new Descriptor(opened);
  }

  private static Descriptor openPiece(
      Way way, Descriptor root, Descriptor at, byte[] path, int from, int to, int access)
      throws SystemCallException {
    Scratch scratch = Scratch.ofThread();
    int flags = access | ARCHITECTURE.openDirectory | LinuxConstants.O_CLOEXEC;
    if (way == Way.OPENAT2) {
      long opened = openat2(scratch, at, path, from, to, flags);
      if (opened >= 0) {
        return new Descriptor((int) opened);
      }
      switch (Errno.of(scratch.errno())) {
        // Known to no kernel before 5.6, and some filters say EPERM to what they do not know.
        case ENOSYS, EPERM -> usual = Way.WALK;
        case EAGAIN -> {
          // The walk does not depend on the whole path standing still.
        }
        default -> throw Names.failed(scratch, "openat2", root, path);
      }
    }
    return walk(scratch, root, at, path, from, to, flags);
  }

  private static long openat2(
      Scratch scratch, Descriptor at, byte[] path, int from, int to, int flags) {
    MemorySegment name = scratch.first(path, from, to);
    MemorySegment how = scratch.openHow();
    how.set(JAVA_LONG, HOW_FLAGS, flags);
    how.set(JAVA_LONG, HOW_MODE, 0);
    how.set(
        JAVA_LONG,
        HOW_RESOLVE,
        LinuxConstants.RESOLVE_BENEATH
            | LinuxConstants.RESOLVE_NO_SYMLINKS
            | LinuxConstants.RESOLVE_NO_MAGICLINKS);
    long opened = -1;
    for (int tries = 0; tries < MAX_TRIES && opened < 0; tries++) {
      opened = LibC.openat2(scratch, at.number(), name, how, how.byteSize());
      if (opened < 0 && !scratch.failedWith(Errno.EAGAIN)) {
        return opened;
      }
    }
    return opened;
  }

  private static Descriptor walk(
      Scratch scratch, Descriptor root, Descriptor start, byte[] path, int from, int to, int flags)
      throws SystemCallException {
    Descriptor at = start;
    int begin = from;
    try {
      while (true) {
        int end = begin;
        while (end < to && path[end] != '/') {
          end++;
        }
        boolean last = end == to;
        int access =
            last
                ? flags
                : LinuxConstants.O_PATH | ARCHITECTURE.openDirectory | LinuxConstants.O_CLOEXEC;
        MemorySegment name = scratch.first(path, begin, end);
        int opened = LibC.openat(scratch, at.number(), name, access | ARCHITECTURE.openNoFollow, 0);
        if (opened < 0) {
          throw walkFailed(scratch, root, at, name, path);
        }
        Descriptor next = new Descriptor(opened);
        if (last) {
          return next;
        }
        closePiece(at, start);
        at = next;
        begin = end + 1;
      }
    } finally {
      closePiece(at, start);
    }
  }

  /** O_DIRECTORY says ENOTDIR of a symlink, where openat2 says ELOOP. */
  private static SystemCallException walkFailed(
      Scratch scratch, Descriptor root, Descriptor at, MemorySegment name, byte[] path) {
    int number = scratch.errno();
    if (Errno.of(number) == Errno.ENOTDIR && Statuses.isSymlink(scratch, at, name)) {
      return new SystemCallException("openat", Names.display(root, path), Errno.ELOOP);
    }
    return new SystemCallException("openat", Names.display(root, path), number);
  }

  private static int lastSlash(String call, Descriptor root, byte[] path, int from)
      throws SystemCallException {
    for (int at = from + LinuxConstants.MAX_PATH_BYTES; at > from; at--) {
      if (path[at] == '/') {
        return at;
      }
    }
    throw new SystemCallException(call, Names.display(root, path), Errno.ENAMETOOLONG);
  }

  private static void closePiece(Descriptor piece, Descriptor callers) throws SystemCallException {
    if (piece != callers) {
      piece.close();
    }
  }
}
