package dev.tidemark.filesystem.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Names and values that an inode carries beside its status (xattr(7)): POSIX ACLs and file
 * capabilities are among them.
 *
 * <p>The very inode is reached through /proc, so that a handle (O_PATH) will do, a symlink's too.
 */
final class ExtendedAttributes {
  /** How the attributes of a name are listed. */
  enum Way {
    /** By one call, which Linux 6.13 brought. */
    LISTXATTRAT,
    HANDLE
  }

  private static volatile Way usual = Way.LISTXATTRAT;

  private ExtendedAttributes() {}

  static List<byte[]> list(Descriptor parent, byte[] name) throws SystemCallException {
    return list(usual, parent, name);
  }

  static List<byte[]> list(Way way, Descriptor parent, byte[] name) throws SystemCallException {
    Names.requireName("listxattrat", parent, name);
    if (way == Way.LISTXATTRAT) {
      Scratch scratch = Scratch.ofThread();
      MemorySegment into = scratch.transfer();
      long length =
          LibC.listxattrat(
              scratch,
              parent.number(),
              scratch.first(name),
              LinuxConstants.AT_SYMLINK_NOFOLLOW,
              into,
              LinuxConstants.XATTR_LIST_MAX);
      if (length >= 0) {
        return names(into, length);
      }
      switch (Errno.of(scratch.errno())) {
        case EOPNOTSUPP -> {
          return List.of();
        }
        // Some filters say EPERM to what they do not know.
        case ENOSYS, EPERM -> usual = Way.HANDLE;
        default -> throw Names.failed(scratch, "listxattrat", parent, name);
      }
    }
    try (Descriptor handle = Opening.openHandle(parent, name)) {
      return list(handle);
    }
  }

  static List<byte[]> list(Descriptor file) throws SystemCallException {
    Scratch scratch = Scratch.ofThread();
    MemorySegment into = scratch.transfer();
    long length = LibC.flistxattr(scratch, file.number(), into, LinuxConstants.XATTR_LIST_MAX);
    if (length < 0 && scratch.failedWith(Errno.EBADF)) {
      length =
          LibC.listxattr(
              scratch, scratch.procPath(file.number()), into, LinuxConstants.XATTR_LIST_MAX);
    }
    if (length < 0) {
      if (scratch.failedWith(Errno.EOPNOTSUPP)) {
        return List.of();
      }
      throw Names.failed(scratch, "listxattr", file);
    }
    return names(into, length);
  }

  private static List<byte[]> names(MemorySegment list, long length) {
    return length == 0 ? List.of() : split(list.asSlice(0, length).toArray(JAVA_BYTE));
  }

  /** Names come one after the other, each with a NUL behind it. */
  private static List<byte[]> split(byte[] names) {
    List<byte[]> split = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < names.length; i++) {
      if (names[i] == 0) {
        split.add(Arrays.copyOfRange(names, start, i));
        start = i + 1;
      }
    }
    return split;
  }

  static Optional<byte[]> find(Descriptor file, byte[] name) throws SystemCallException {
    requireName("getxattr", file, name);
    Scratch scratch = Scratch.ofThread();
    MemorySegment into = scratch.transfer();
    long length =
        LibC.getxattr(
            scratch,
            scratch.procPath(file.number()),
            scratch.first(name),
            into,
            LinuxConstants.XATTR_SIZE_MAX);
    if (length >= 0) {
      return Optional.of(into.asSlice(0, length).toArray(JAVA_BYTE));
    }
    if (scratch.failedWith(Errno.ENODATA) || scratch.failedWith(Errno.EOPNOTSUPP)) {
      return Optional.empty();
    }
    throw failed(scratch, "getxattr", file, name);
  }

  static void set(Descriptor file, byte[] name, byte[] value) throws SystemCallException {
    requireName("setxattr", file, name);
    if (value.length > LinuxConstants.XATTR_SIZE_MAX) {
      throw new SystemCallException("setxattr", display(file, name), Errno.E2BIG);
    }
    Scratch scratch = Scratch.ofThread();
    MemorySegment bytes = scratch.transfer();
    MemorySegment.copy(value, 0, bytes, JAVA_BYTE, 0, value.length);
    int result =
        LibC.setxattr(
            scratch, scratch.procPath(file.number()), scratch.first(name), bytes, value.length, 0);
    if (result < 0) {
      throw failed(scratch, "setxattr", file, name);
    }
  }

  static void remove(Descriptor file, byte[] name) throws SystemCallException {
    requireName("removexattr", file, name);
    Scratch scratch = Scratch.ofThread();
    int result = LibC.removexattr(scratch, scratch.procPath(file.number()), scratch.first(name));
    if (result < 0 && !scratch.failedWith(Errno.ENODATA)) {
      throw failed(scratch, "removexattr", file, name);
    }
  }

  private static void requireName(String call, Descriptor file, byte[] name)
      throws SystemCallException {
    boolean bad = name.length == 0 || name.length > LinuxConstants.XATTR_NAME_MAX;
    for (byte b : name) {
      bad |= b == 0;
    }
    if (bad) {
      throw new SystemCallException(call, display(file, name), Errno.ERANGE);
    }
  }

  private static SystemCallException failed(
      Scratch scratch, String call, Descriptor file, byte[] name) {
    int number = scratch.errno();
    return new SystemCallException(call, display(file, name), number);
  }

  private static String display(Descriptor file, byte[] name) {
    return Names.display(file) + " [" + EscapedBytes.display(name) + "]";
  }
}
