package dev.tidemark.watcher.read;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.Errno;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.FileType;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NativePath;
import dev.tidemark.filesystem.linux.SystemCallException;
import java.io.IOException;
import java.nio.file.NotDirectoryException;

/** The watched directory, held open. Safe from several threads until it is closed. */
public final class TreeRoot implements AutoCloseable {
  /** linux/magic.h: file systems that may give a file another inode number the next time. */
  private static final long OVERLAY = 0x794c7630L;

  private static final long PLAN_9 = 0x01021997L;
  private static final long FUSE = 0x65735546L;

  private final NativePath path;
  private final Descriptor descriptor;
  private final FileStatus first;
  private final boolean stableInodes;
  private final Mounts mounts;

  private TreeRoot(NativePath path, Descriptor descriptor, Mounts mounts) throws IOException {
    this.path = path;
    this.mounts = mounts;
    this.descriptor = descriptor;
    this.first = LinuxFiles.status(descriptor);
    long type = LinuxFiles.filesystemType(descriptor);
    this.stableInodes = type != OVERLAY && type != PLAN_9 && type != FUSE;
  }

  /**
   * Opens a directory, following symlinks to it.
   *
   * @param mounts whether what is mounted below it belongs to the tree
   */
  public static TreeRoot open(NativePath path, Mounts mounts) throws IOException {
    Descriptor descriptor = LinuxFiles.openRoot(path);
    try {
      TreeRoot root = new TreeRoot(path, descriptor, mounts);
      if (root.first.type() != FileType.DIRECTORY) {
        throw new NotDirectoryException(path.toString());
      }
      return root;
    } catch (IOException e) {
      descriptor.close();
      throw e;
    }
  }

  public NativePath path() {
    return path;
  }

  public Descriptor descriptor() {
    return descriptor;
  }

  /** As it was when opened. */
  public FileStatus firstStatus() {
    return first;
  }

  /**
   * Whether something below the root is of the tree, by its mount: a bind mount has the device of
   * where it comes from, which may be the root's own.
   */
  public boolean holds(FileStatus status) {
    return switch (mounts) {
      case CROSS -> true;
      case STAY ->
          status.device() == first.device()
              && (status.mountId() == first.mountId() || status.mountId() < 0);
    };
  }

  /** As {@link #holds(FileStatus)} for a directory that is open. */
  boolean holds(Descriptor directory) throws SystemCallException {
    return mounts == Mounts.CROSS || holds(LinuxFiles.status(directory));
  }

  /** Whether an inode number says that a file is the same one. */
  public boolean hasStableInodes() {
    return stableInodes;
  }

  /**
   * Whether the root's path still leads to the directory that was opened: else a missing name
   * proves nothing.
   */
  public boolean isStillThere() {
    return where() == Place.SAME;
  }

  /** Where the root's path leads now. */
  public Place where() {
    try (Descriptor again = LinuxFiles.openRoot(path)) {
      FileStatus now = LinuxFiles.status(again);
      if (now.device() != first.device() || now.mountId() != first.mountId()) {
        return Place.OTHER_MOUNT;
      }
      return now.inode() == first.inode() ? Place.SAME : Place.OTHER_DIRECTORY;
    } catch (SystemCallException e) {
      return switch (e.errno()) {
        case ENOENT, ENOTDIR, ELOOP -> Place.NOWHERE;
        default -> Place.UNKNOWN;
      };
    }
  }

  /** Where a root's path may lead. */
  public enum Place {
    SAME,
    /** Another mount, or the directory under the root's own one. */
    OTHER_MOUNT,
    OTHER_DIRECTORY,
    /** Nothing, or no directory, has the name. */
    NOWHERE,
    /** It cannot be told now: a failure proves nothing. */
    UNKNOWN
  }

  /** Opens a directory if it is still the one that is meant. */
  Descriptor open(ReadTask task) throws IOException, StaleDirectoryException {
    Descriptor directory;
    try {
      directory = LinuxFiles.openDirectory(descriptor, task.path());
    } catch (SystemCallException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR || e.errno() == Errno.ELOOP) {
        throw new StaleDirectoryException();
      }
      throw e;
    }
    try {
      if (LinuxFiles.status(directory).inode() != task.inode()) {
        directory.close();
        throw new StaleDirectoryException();
      }
      return directory;
    } catch (IOException e) {
      directory.close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    descriptor.close();
  }

  /** Another directory stands where this one did, or none. */
  static final class StaleDirectoryException extends Exception {
    private static final long serialVersionUID = 1L;
  }
}
