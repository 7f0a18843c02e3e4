package dev.tidemark.filesystem.linux;

/** Opens and creates single names, and files for reading. */
final class Opening {
  private static final Architecture ARCHITECTURE = Architecture.running();

  private Opening() {}

  static Descriptor openRoot(NativePath directory) throws SystemCallException {
    byte[] path = directory.bytes();
    if (path.length > LinuxConstants.MAX_PATH_BYTES) {
      throw new SystemCallException("openat", directory.toString(), Errno.ENAMETOOLONG);
    }
    Scratch scratch = Scratch.ofThread();
    int opened =
        LibC.openat(
            scratch,
            LinuxConstants.AT_FDCWD,
            scratch.first(path),
            LinuxConstants.O_RDONLY | ARCHITECTURE.openDirectory | LinuxConstants.O_CLOEXEC,
            0);
    if (opened < 0) {
      throw new SystemCallException("openat", directory.toString(), scratch.errno());
    }
    return new Descriptor(opened);
  }

  static Descriptor openHandle(Descriptor parent, byte[] name) throws SystemCallException {
    return open(parent, name, LinuxConstants.O_PATH, 0);
  }

  static Descriptor createFile(Descriptor parent, byte[] name, int mode)
      throws SystemCallException {
    return open(
        parent,
        name,
        LinuxConstants.O_CREAT | LinuxConstants.O_EXCL | LinuxConstants.O_RDWR,
        mode & LinuxConstants.PERMISSION_BITS);
  }

  static Descriptor openForReading(Descriptor parent, byte[] name)
      throws SystemCallException, NotRegularFileException {
    try (Descriptor handle = openHandle(parent, name)) {
      FileType type = Statuses.status(handle).type();
      if (type != FileType.REGULAR) {
        throw new NotRegularFileException(Names.display(parent, name), type);
      }
      Scratch scratch = Scratch.ofThread();
      int flags = LinuxConstants.O_RDONLY | LinuxConstants.O_NONBLOCK | LinuxConstants.O_CLOEXEC;
      int opened = reopen(scratch, handle, flags | LinuxConstants.O_NOATIME);
      if (opened < 0 && scratch.failedWith(Errno.EPERM)) {
        // Only the owner and root may leave the access time alone.
        opened = reopen(scratch, handle, flags);
      }
      if (opened < 0) {
        throw Names.failed(scratch, "openat", parent, name);
      }
      return new Descriptor(opened);
    }
  }

  private static int reopen(Scratch scratch, Descriptor handle, int flags) {
    return LibC.openat(
        scratch, LinuxConstants.AT_FDCWD, scratch.procPath(handle.number()), flags, 0);
  }

  private static Descriptor open(Descriptor parent, byte[] name, int flags, int mode)
      throws SystemCallException {
    Names.requireName("openat", parent, name);
    Scratch scratch = Scratch.ofThread();
    int opened =
        LibC.openat(
            scratch,
            parent.number(),
            scratch.first(name),
            flags | ARCHITECTURE.openNoFollow | LinuxConstants.O_CLOEXEC,
            mode);
    if (opened < 0) {
      throw Names.failed(scratch, "openat", parent, name);
    }
    return new Descriptor(opened);
  }
}
