package dev.tidemark.filesystem.linux;

/** Makes, renames and removes the names in directories. */
final class Entries {
  private Entries() {}

  static void createSymlink(byte[] target, Descriptor parent, byte[] name)
      throws SystemCallException {
    Names.requireName("symlinkat", parent, name);
    Names.requireTarget(parent, name, target);
    Scratch scratch = Scratch.ofThread();
    if (LibC.symlinkat(scratch, scratch.second(target), parent.number(), scratch.first(name)) < 0) {
      throw Names.failed(scratch, "symlinkat", parent, name);
    }
  }

  static void createDirectory(Descriptor parent, byte[] name, int mode) throws SystemCallException {
    Names.requireName("mkdirat", parent, name);
    Scratch scratch = Scratch.ofThread();
    int permissions = mode & LinuxConstants.PERMISSION_BITS;
    if (LibC.mkdirat(scratch, parent.number(), scratch.first(name), permissions) < 0) {
      throw Names.failed(scratch, "mkdirat", parent, name);
    }
  }

  static void makeNode(
      Descriptor parent, byte[] name, FileType type, int mode, int major, int minor)
      throws SystemCallException {
    Names.requireName("mknodat", parent, name);
    long bits =
        switch (type) {
          case REGULAR, FIFO, SOCKET, CHARACTER_DEVICE, BLOCK_DEVICE -> type.modeBits();
          case DIRECTORY, SYMLINK, UNKNOWN ->
              throw new IllegalArgumentException("mknod makes no " + type.display());
        };
    Scratch scratch = Scratch.ofThread();
    long permissions = mode & LinuxConstants.PERMISSION_BITS;
    long made =
        LibC.mknodat(
            scratch,
            parent.number(),
            scratch.first(name),
            bits | permissions,
            kernelDevice(major, minor));
    if (made < 0) {
      throw Names.failed(scratch, "mknodat", parent, name);
    }
  }

  static void removeFile(Descriptor parent, byte[] name) throws SystemCallException {
    remove(parent, name, 0);
  }

  static void removeDirectory(Descriptor parent, byte[] name) throws SystemCallException {
    remove(parent, name, LinuxConstants.AT_REMOVEDIR);
  }

  static void rename(Descriptor fromParent, byte[] from, Descriptor toParent, byte[] to, int flags)
      throws SystemCallException {
    Names.requireName("renameat2", fromParent, from);
    Names.requireName("renameat2", toParent, to);
    Scratch scratch = Scratch.ofThread();
    int result =
        LibC.renameat2(
            scratch,
            fromParent.number(),
            scratch.first(from),
            toParent.number(),
            scratch.second(to),
            flags);
    if (result < 0) {
      throw Names.failed(scratch, "renameat2", fromParent, from, toParent, to);
    }
  }

  static void link(Descriptor fromParent, byte[] from, Descriptor toParent, byte[] to)
      throws SystemCallException {
    Names.requireName("linkat", fromParent, from);
    Names.requireName("linkat", toParent, to);
    Scratch scratch = Scratch.ofThread();
    int result =
        LibC.linkat(
            scratch,
            fromParent.number(),
            scratch.first(from),
            toParent.number(),
            scratch.second(to),
            0);
    if (result < 0) {
      throw Names.failed(scratch, "linkat", fromParent, from, toParent, to);
    }
  }

  private static void remove(Descriptor parent, byte[] name, int flags) throws SystemCallException {
    Names.requireName("unlinkat", parent, name);
    Scratch scratch = Scratch.ofThread();
    if (LibC.unlinkat(scratch, parent.number(), scratch.first(name), flags) < 0) {
      throw Names.failed(scratch, "unlinkat", parent, name);
    }
  }

  /** The kernel's own encoding of 12 and 20 bits, which is not glibc's {@code dev_t}. */
  private static long kernelDevice(int major, int minor) {
    if (major < 0 || major > 0xfff || minor < 0 || minor > 0xfffff) {
      throw new IllegalArgumentException(
          "Linux has no device %d:%d; majors go to 4095, minors to 1048575"
              .formatted(major, minor));
    }
    return (minor & 0xffL) | ((long) major << 8) | ((minor & ~0xffL) << 12);
  }
}
