package dev.tidemark.filesystem.linux;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * The system calls on files, typed. Names and paths are bytes; a <em>name</em> is one component (no
 * slash, not {@code .} or {@code ..}; else EINVAL without a call), taken in the directory that
 * {@code parent} has open. No method follows a symlink that a name stands for, except {@link
 * #openRoot}.
 *
 * <p>Safe from several threads, within what {@link Descriptor} says. Calls block in native code;
 * those that a signal interrupts are made again. Modes given on creation pass the process's umask:
 * {@link #changeMode} sets them exactly.
 *
 * <p>Every method throws {@link SystemCallException} with what the kernel answered; its remedy is
 * the caller's, who knows whether the name may have gone meanwhile.
 */
public final class LinuxFiles {
  private LinuxFiles() {}

  // Opening

  /** Opens a directory by a path as a person gave it: symlinks in it are followed. */
  public static Descriptor openRoot(NativePath directory) throws SystemCallException {
    return Opening.openRoot(directory);
  }

  /**
   * Opens a directory below {@code root} for listing and as a parent of names. No component may be
   * a symlink (ELOOP), none may be {@code ..} (EXDEV); mount points are crossed. The path may be
   * longer than the kernel takes at once. An empty path opens {@code root} again.
   */
  public static Descriptor openDirectory(Descriptor root, byte[] relativePath)
      throws SystemCallException {
    return Beneath.openDirectory(root, relativePath);
  }

  /**
   * Opens whatever stands at a name, a symlink itself included, as a handle (O_PATH): for status,
   * mode, owner, times and watches, not for bytes. Needs no permission on the file.
   */
  public static Descriptor openHandle(Descriptor parent, byte[] name) throws SystemCallException {
    return Opening.openHandle(parent, name);
  }

  /**
   * Opens a regular file for reading, leaving its access time alone where allowed. What was put in
   * its place meanwhile is neither opened nor waited for.
   *
   * @throws NotRegularFileException if it is no regular file
   */
  public static Descriptor openForReading(Descriptor parent, byte[] name)
      throws SystemCallException, NotRegularFileException {
    return Opening.openForReading(parent, name);
  }

  /** Creates a file that must not exist (EEXIST), open for reading and writing. */
  public static Descriptor createFile(Descriptor parent, byte[] name, int mode)
      throws SystemCallException {
    return Opening.createFile(parent, name, mode);
  }

  // Asking

  /** Status of an open file or handle. */
  public static FileStatus status(Descriptor file) throws SystemCallException {
    return Statuses.status(file);
  }

  /** Status of what stands at a name. */
  public static FileStatus status(Descriptor parent, byte[] name) throws SystemCallException {
    return Statuses.status(parent, name);
  }

  /**
   * Status of what stands at a name; empty only if the kernel says ENOENT, which proves absence.
   */
  public static Optional<FileStatus> findStatus(Descriptor parent, byte[] name)
      throws SystemCallException {
    return Statuses.findStatus(parent, name);
  }

  /**
   * Whether an open file or directory has the immutable or the append-only flag ({@code chattr +i},
   * {@code +a}), with which not even root may replace, remove or rename it, or change what is in
   * it; false where the filesystem does not tell.
   */
  public static boolean isProtected(Descriptor file) throws SystemCallException {
    return Statuses.isProtected(file);
  }

  /** The same of an entry; false if it is absent. */
  public static boolean isProtected(Descriptor parent, byte[] name) throws SystemCallException {
    return Statuses.isProtected(parent, name);
  }

  /**
   * All names of a directory, in the kernel's order, from its beginning. Not for one descriptor on
   * two threads. ENOENT if the directory itself has been removed.
   */
  public static List<DirectoryEntry> list(Descriptor directory) throws SystemCallException {
    return Listings.list(directory);
  }

  /**
   * As {@link #list} for directories too large to hold: about 64 KiB of names at a time. The
   * consumer may make other calls, also list other directories, but not this descriptor.
   */
  public static void forEachEntry(Descriptor directory, Consumer<DirectoryEntry> consumer)
      throws SystemCallException {
    Listings.forEachEntry(directory, consumer);
  }

  /** The target of a symlink, as it was written. */
  public static byte[] readSymlink(Descriptor parent, byte[] name) throws SystemCallException {
    return Statuses.readSymlink(parent, name);
  }

  /** The magic number of a descriptor's filesystem ({@code linux/magic.h}). */
  public static long filesystemType(Descriptor file) throws SystemCallException {
    return Statuses.filesystemType(file);
  }

  /** The id of this boot of the machine; another one after each start. */
  public static String bootId() throws SystemCallException {
    return Statuses.bootId();
  }

  // Bytes

  /**
   * Reads on from the file's position; may give less than asked for, at most 256 KiB a call.
   *
   * @return bytes read; 0 only at the end (or for a length of 0)
   */
  public static int read(Descriptor file, byte[] into, int from, int length)
      throws SystemCallException {
    return Transfer.read(file, into, from, length);
  }

  /** As {@link #read} at a position, without moving the file's own. */
  public static int readAt(Descriptor file, long position, byte[] into, int from, int length)
      throws SystemCallException {
    return Transfer.readAt(file, position, into, from, length);
  }

  /** Writes all of it at the file's position. On failure some of it may have been written. */
  public static void writeFully(Descriptor file, byte[] bytes, int from, int length)
      throws SystemCallException {
    Transfer.writeFully(file, bytes, from, length);
  }

  /** As {@link #writeFully} at a position, without moving the file's own. */
  public static void writeFullyAt(
      Descriptor file, long position, byte[] bytes, int from, int length)
      throws SystemCallException {
    Transfer.writeFullyAt(file, position, bytes, from, length);
  }

  /**
   * Copies bytes from one file to another, in the kernel where the filesystem can ({@code
   * copy_file_range}); one that shares blocks between files then copies nothing. Holes may be
   * filled. Moves neither file's own position.
   *
   * @return how many were copied: fewer than {@code length} only where {@code from} ends
   */
  public static long copy(
      Descriptor from, long fromPosition, Descriptor to, long toPosition, long length)
      throws SystemCallException {
    return Transfer.copy(from, fromPosition, to, toPosition, length);
  }

  /**
   * Reserves space for the first {@code bytes} of a file without changing its size, so that ENOSPC
   * comes now and not in the middle. Does nothing where the filesystem cannot reserve.
   */
  public static void allocate(Descriptor file, long bytes) throws SystemCallException {
    Transfer.allocate(file, bytes);
  }

  /** Cuts a file to a size, or extends it by a hole. */
  public static void truncate(Descriptor file, long size) throws SystemCallException {
    Transfer.truncate(file, size);
  }

  /** On return, the file's bytes and metadata survive a power loss; of a directory, its names. */
  public static void sync(Descriptor file) throws SystemCallException {
    Transfer.sync(file);
  }

  /** As {@link #sync} for all of the filesystem that holds the descriptor's file. */
  public static void syncFilesystem(Descriptor file) throws SystemCallException {
    Transfer.syncFilesystem(file);
  }

  /**
   * The first position at or after {@code position} that holds bytes; empty if a hole reaches to
   * the file's end. Moves the file's own position. Where the filesystem keeps no holes, all is
   * bytes.
   */
  public static OptionalLong findData(Descriptor file, long position) throws SystemCallException {
    return Transfer.findData(file, position);
  }

  /**
   * The first position at or after {@code position} in a hole; a file's end is one. Empty if {@code
   * position} is past the end. Moves the file's own position.
   */
  public static OptionalLong findHole(Descriptor file, long position) throws SystemCallException {
    return Transfer.findHole(file, position);
  }

  // Names

  /** Makes a symlink with these bytes as its target, which need not exist. */
  public static void createSymlink(byte[] target, Descriptor parent, byte[] name)
      throws SystemCallException {
    Entries.createSymlink(target, parent, name);
  }

  public static void createDirectory(Descriptor parent, byte[] name, int mode)
      throws SystemCallException {
    Entries.createDirectory(parent, name, mode);
  }

  /**
   * Makes a FIFO, socket, device or empty file.
   *
   * @param major of a device, else 0
   * @throws IllegalArgumentException for directories, symlinks, and numbers no device has
   */
  public static void makeNode(
      Descriptor parent, byte[] name, FileType type, int mode, int major, int minor)
      throws SystemCallException {
    Entries.makeNode(parent, name, type, mode, major, minor);
  }

  /** Makes a second name of an inode; of a symlink itself, not of its target. */
  public static void link(Descriptor fromParent, byte[] from, Descriptor toParent, byte[] to)
      throws SystemCallException {
    Entries.link(fromParent, from, toParent, to);
  }

  /** Removes a name of anything but a directory (EISDIR). */
  public static void removeFile(Descriptor parent, byte[] name) throws SystemCallException {
    Entries.removeFile(parent, name);
  }

  /** Removes an empty directory (else ENOTEMPTY; ENOTDIR if it is none). */
  public static void removeDirectory(Descriptor parent, byte[] name) throws SystemCallException {
    Entries.removeDirectory(parent, name);
  }

  /**
   * Renames, replacing what stands at the new name if it is of the same kind. Between two names of
   * one inode it does nothing and leaves both.
   */
  public static void rename(Descriptor fromParent, byte[] from, Descriptor toParent, byte[] to)
      throws SystemCallException {
    Entries.rename(fromParent, from, toParent, to, 0);
  }

  /**
   * Renames unless the new name exists (EEXIST). EINVAL where the filesystem cannot promise that.
   */
  public static void renameNoReplace(
      Descriptor fromParent, byte[] from, Descriptor toParent, byte[] to)
      throws SystemCallException {
    Entries.rename(fromParent, from, toParent, to, LinuxConstants.RENAME_NOREPLACE);
  }

  /** Lets two names change places in one step, whatever they are. */
  public static void exchange(Descriptor fromParent, byte[] from, Descriptor toParent, byte[] to)
      throws SystemCallException {
    Entries.rename(fromParent, from, toParent, to, LinuxConstants.RENAME_EXCHANGE);
  }

  // Attributes

  /** Sets the permissions ({@code 07777}) of an open file or handle. */
  public static void changeMode(Descriptor file, int mode) throws SystemCallException {
    Attributes.changeMode(file, mode);
  }

  /** Sets the permissions of what stands at a name; EOPNOTSUPP for a symlink, which has none. */
  public static void changeMode(Descriptor parent, byte[] name, int mode)
      throws SystemCallException {
    Attributes.changeMode(parent, name, mode);
  }

  /** Sets owner and group; -1 keeps one. Clears setuid, setgid and capabilities of files. */
  public static void changeOwner(Descriptor file, long uid, long gid) throws SystemCallException {
    Attributes.changeOwner(file, uid, gid);
  }

  /** As above for what stands at a name, a symlink itself included. */
  public static void changeOwner(Descriptor parent, byte[] name, long uid, long gid)
      throws SystemCallException {
    Attributes.changeOwner(parent, name, uid, gid);
  }

  /** Sets the modification time; the access time stays. The filesystem may store it coarser. */
  public static void changeTimes(Descriptor file, long mtimeSeconds, int mtimeNanos)
      throws SystemCallException {
    Attributes.changeTimes(file, mtimeSeconds, mtimeNanos);
  }

  /** As above for what stands at a name, a symlink itself included. */
  public static void changeTimes(Descriptor parent, byte[] name, long mtimeSeconds, int mtimeNanos)
      throws SystemCallException {
    Attributes.changeTimes(parent, name, mtimeSeconds, mtimeNanos);
  }

  // Extended attributes

  /**
   * Names of the extended attributes of an open file or handle, each with its namespace, in the
   * kernel's order; of those only that this process may see. Empty where the filesystem has none.
   */
  public static List<byte[]> listAttributes(Descriptor file) throws SystemCallException {
    return ExtendedAttributes.list(file);
  }

  /** The same of what stands at a name, of a symlink itself. */
  public static List<byte[]> listAttributes(Descriptor parent, byte[] name)
      throws SystemCallException {
    return ExtendedAttributes.list(parent, name);
  }

  /**
   * The value of an extended attribute of an open file or handle; empty if there is none of that
   * name. EACCES or EPERM if this process may not read it.
   */
  public static Optional<byte[]> findAttribute(Descriptor file, byte[] name)
      throws SystemCallException {
    return ExtendedAttributes.find(file, name);
  }

  /**
   * Sets an extended attribute of an open file or handle, in place of an older value. EOPNOTSUPP
   * where the filesystem has no such namespace, EPERM where this process may not, ENOSPC or E2BIG
   * where it does not fit.
   */
  public static void setAttribute(Descriptor file, byte[] name, byte[] value)
      throws SystemCallException {
    ExtendedAttributes.set(file, name, value);
  }

  /** Removes an extended attribute of an open file or handle; does nothing if there is none. */
  public static void removeAttribute(Descriptor file, byte[] name) throws SystemCallException {
    ExtendedAttributes.remove(file, name);
  }
}
