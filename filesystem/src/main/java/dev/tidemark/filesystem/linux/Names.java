package dev.tidemark.filesystem.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

/**
 * Checks of names before the kernel sees them, and their display in errors. Names come out of
 * backups and may be hostile: one that would mean another place, or end early at a NUL, is refused
 * with the errno the kernel has for such a thing.
 */
final class Names {
  private static final int MAX_TARGET_BYTES = LinuxConstants.MAX_PATH_BYTES;

  private Names() {}

  /** One component: no slash, no NUL, not empty, neither {@code .} nor {@code ..}. */
  static byte[] requireName(String call, Descriptor parent, byte[] name)
      throws SystemCallException {
    boolean dots =
        name.length > 0 && name.length <= 2 && name[0] == '.' && name[name.length - 1] == '.';
    boolean bad = name.length == 0 || dots;
    for (byte b : name) {
      bad |= b == 0 || b == '/';
    }
    if (bad) {
      throw new SystemCallException(call, display(parent, name), Errno.EINVAL);
    }
    if (name.length > MAX_TARGET_BYTES) {
      throw new SystemCallException(call, display(parent, name), Errno.ENAMETOOLONG);
    }
    return name;
  }

  /**
   * A path of components as {@link #requireName} wants them, between single slashes; or empty.
   * {@code ..} and a leading slash are EXDEV as openat2 says of what leads outside, the rest
   * EINVAL.
   */
  static void requireRelativePath(String call, Descriptor root, byte[] path)
      throws SystemCallException {
    if (path.length == 0) {
      return;
    }
    if (path[0] == '/') {
      throw new SystemCallException(call, display(root, path), Errno.EXDEV);
    }
    int start = 0;
    for (int i = 0; i <= path.length; i++) {
      if (i < path.length && path[i] == 0) {
        throw new SystemCallException(call, display(root, path), Errno.EINVAL);
      }
      if (i == path.length || path[i] == '/') {
        int length = i - start;
        if (length == 2 && path[start] == '.' && path[start + 1] == '.') {
          throw new SystemCallException(call, display(root, path), Errno.EXDEV);
        }
        if (length == 0 || (length == 1 && path[start] == '.')) {
          throw new SystemCallException(call, display(root, path), Errno.EINVAL);
        }
        start = i + 1;
      }
    }
  }

  /** The target of a symlink: anything but empty, too long for the kernel, or with a NUL. */
  static byte[] requireTarget(Descriptor parent, byte[] name, byte[] target)
      throws SystemCallException {
    for (byte b : target) {
      if (b == 0) {
        throw new SystemCallException("symlinkat", display(parent, name), Errno.EINVAL);
      }
    }
    if (target.length > MAX_TARGET_BYTES) {
      throw new SystemCallException("symlinkat", display(parent, name), Errno.ENAMETOOLONG);
    }
    return target;
  }

  /** The failure of the last call of this thread, with the path of what it was about. */
  static SystemCallException failed(Scratch scratch, String call, Descriptor parent, byte[] name) {
    int number = scratch.errno();
    return new SystemCallException(call, display(parent, name), number);
  }

  static SystemCallException failed(Scratch scratch, String call, Descriptor descriptor) {
    int number = scratch.errno();
    return new SystemCallException(call, display(descriptor), number);
  }

  static SystemCallException failed(
      Scratch scratch,
      String call,
      Descriptor fromParent,
      byte[] from,
      Descriptor toParent,
      byte[] to) {
    int number = scratch.errno();
    return new SystemCallException(
        call, display(fromParent, from) + " -> " + display(toParent, to), number);
  }

  static String display(Descriptor parent, byte[] name) {
    String directory = display(parent);
    return directory.equals("/")
        ? "/" + EscapedBytes.display(name)
        : directory + "/" + EscapedBytes.display(name);
  }

  /** Where a descriptor's file stands now, as /proc tells; its number if it does not. */
  static String display(Descriptor descriptor) {
    Scratch scratch = Scratch.ofThread();
    int number = descriptor.number();
    long length =
        LibC.readlinkat(
            scratch,
            LinuxConstants.AT_FDCWD,
            scratch.procPath(number),
            scratch.link(),
            scratch.link().byteSize());
    if (length < 0) {
      return "<descriptor " + number + ">";
    }
    return EscapedBytes.display(scratch.link().asSlice(0, length).toArray(JAVA_BYTE));
  }
}
