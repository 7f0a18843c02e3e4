package dev.tidemark.apply;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.Errno;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.FileType;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.Node.DeviceKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Writes single entries of a target: each is built in the staging folder, given its metadata there
 * and then renamed over what had its name. Where a rename cannot replace (a directory with
 * something in it, another kind), the two change places and the old one is removed from staging.
 * Safe from several threads for different names.
 */
public final class NodeWriter {
  private static final int NEW_FILE_MODE = 0600;
  private static final int NEW_DIRECTORY_MODE = 0700;
  private static final long RESERVE_FROM_BYTES = 1 << 20;

  private final Path target;
  private final Staging staging;
  private final Losses losses = new Losses();
  private final MetadataWriter metadata;
  private final ExistingCheck existing;
  private final FileSync sync;

  NodeWriter(Path target, Staging staging, Owners owners, FileSync sync) {
    this.target = target;
    this.staging = staging;
    this.sync = sync;
    this.metadata = new MetadataWriter(target, owners, losses);
    this.existing = new ExistingCheck(metadata, staging);
  }

  /** What could not be kept of the entries that were written. */
  public Losses losses() {
    return losses;
  }

  /** Compares with what this writes. */
  public ExistingCheck existing() {
    return existing;
  }

  /**
   * Begins a file. Where it has no holes, its space is reserved, so that its lack shows at once.
   */
  public StagedFile stage(Node.File node) throws IOException {
    byte[] name = staging.newName();
    return space(
        () -> {
          Descriptor file = LinuxFiles.createFile(staging.folder(), name, NEW_FILE_MODE);
          StagedFile staged = new StagedFile(this, node, name, file);
          try {
            if (node.content().size() > RESERVE_FROM_BYTES && !HoleMap.hasHoles(node.content())) {
              LinuxFiles.allocate(file, node.content().size());
            }
            return staged;
          } catch (SystemCallException e) {
            staged.close();
            throw e;
          }
        });
  }

  void write(StagedFile file, long position, byte[] bytes) throws IOException {
    space(
        () -> {
          LinuxFiles.writeFullyAt(file.descriptor(), position, bytes, 0, bytes.length);
          return bytes;
        });
  }

  long copy(StagedFile file, long position, Descriptor from, long fromPosition, long length)
      throws IOException {
    return space(() -> LinuxFiles.copy(from, fromPosition, file.descriptor(), position, length));
  }

  FileStatus finish(StagedFile staged, Descriptor parent, byte[] name) throws IOException {
    Descriptor file = staged.descriptor();
    return space(
        () -> {
          if (HoleMap.endsInHole(staged.node().content())) {
            LinuxFiles.truncate(file, staged.node().content().size());
          }
          metadata.write(file, staged.node().metadata());
          if (sync == FileSync.BEFORE_NAMED) {
            LinuxFiles.sync(file);
          }
          replace(staged.stagedName(), parent, name);
          return LinuxFiles.status(file);
        });
  }

  /**
   * Puts a symlink, FIFO or device. Empty if it is a device that this process may not make: then
   * nothing stands at the name.
   */
  public Optional<FileStatus> putSpecial(Descriptor parent, byte[] name, Node node)
      throws IOException {
    byte[] staged = staging.newName();
    return space(
        () -> {
          try {
            makeSpecial(node, staged);
          } catch (SystemCallException e) {
            if (!(node instanceof Node.Device device) || !isForbidden(e)) {
              throw e;
            }
            losses.add(lossOf(device.kind()), e);
            remove(parent, name);
            return Optional.empty();
          }
          try (Descriptor handle = LinuxFiles.openHandle(staging.folder(), staged)) {
            metadata.write(handle, node.metadata());
            replace(staged, parent, name);
            return Optional.of(LinuxFiles.status(handle));
          } catch (IOException e) {
            if (LinuxFiles.findStatus(staging.folder(), staged).isPresent()) {
              staging.discard(staged);
            }
            throw e;
          }
        });
  }

  private static boolean isForbidden(SystemCallException e) {
    return switch (e.errno()) {
      case EPERM, EACCES, EOPNOTSUPP, EINVAL -> true;
      default -> false;
    };
  }

  private static Losses.Kind lossOf(DeviceKind kind) {
    return switch (kind) {
      case CHARACTER -> Losses.Kind.CHARACTER_DEVICES;
      case BLOCK -> Losses.Kind.BLOCK_DEVICES;
    };
  }

  private void makeSpecial(Node node, byte[] staged) throws SystemCallException {
    Descriptor folder = staging.folder();
    switch (node) {
      case Node.Symlink link -> LinuxFiles.createSymlink(link.target().toArray(), folder, staged);
      case Node.Fifo _ -> LinuxFiles.makeNode(folder, staged, FileType.FIFO, NEW_FILE_MODE, 0, 0);
      case Node.Device device ->
          LinuxFiles.makeNode(
              folder,
              staged,
              fileType(device.kind()),
              NEW_FILE_MODE,
              device.major(),
              device.minor());
      case Node.File _, Node.Directory _ ->
          throw new IllegalArgumentException("files and directories are put otherwise");
    }
  }

  static FileType fileType(DeviceKind kind) {
    return switch (kind) {
      case CHARACTER -> FileType.CHARACTER_DEVICE;
      case BLOCK -> FileType.BLOCK_DEVICE;
    };
  }

  /**
   * Sees to it that a directory stands at a name, writable for this process; what is in it stays,
   * what is no directory goes. Its metadata comes with {@link #finishDirectory}, after its
   * contents.
   */
  public void ensureDirectory(Descriptor parent, byte[] name) throws IOException {
    space(
        () -> {
          try {
            LinuxFiles.createDirectory(parent, name, NEW_DIRECTORY_MODE);
          } catch (SystemCallException e) {
            if (e.errno() != Errno.EEXIST) {
              throw e;
            }
            if (LinuxFiles.status(parent, name).type() != FileType.DIRECTORY) {
              byte[] staged = staging.newName();
              LinuxFiles.createDirectory(staging.folder(), staged, NEW_DIRECTORY_MODE);
              swapIn(staged, parent, name);
            }
          }
          return name;
        });
  }

  /** Gives a directory the metadata of {@code node}, its times last. */
  public FileStatus finishDirectory(Descriptor directory, Node.Directory node) throws IOException {
    return space(
        () -> {
          FileStatus is = LinuxFiles.status(directory);
          if (metadata.isRight(directory, is, node.metadata())) {
            putBackTimes(directory, node.metadata().mtime());
          } else {
            metadata.write(directory, node.metadata());
          }
          return is;
        });
  }

  /** Sets the times of a directory in which something was changed. */
  public void putBackTimes(Descriptor directory, FileTime mtime) throws SystemCallException {
    LinuxFiles.changeTimes(directory, mtime.seconds(), mtime.nanos());
  }

  /**
   * Sets owner, mode, attributes and times of a file that has its bytes already, for all its names.
   */
  public FileStatus changeMetadata(Descriptor parent, byte[] name, Node node) throws IOException {
    return space(
        () -> {
          try (Descriptor handle = LinuxFiles.openHandle(parent, name)) {
            metadata.write(handle, node.metadata());
            return LinuxFiles.status(handle);
          }
        });
  }

  /**
   * Removes an entry with all below it, at once to whoever looks; nothing happens if it is absent.
   */
  public void remove(Descriptor parent, byte[] name) throws SystemCallException {
    try {
      LinuxFiles.removeFile(parent, name);
    } catch (SystemCallException e) {
      switch (e.errno()) {
        case ENOENT -> {
          // Gone already: an earlier try, or somebody else.
        }
        case EISDIR -> {
          byte[] staged = staging.newName();
          LinuxFiles.rename(parent, name, staging.folder(), staged);
          staging.discard(staged);
        }
        default -> throw e;
      }
    }
  }

  /**
   * Gives an entry of the target a second name, whatever had that.
   *
   * @return its status with the new name
   */
  public FileStatus link(Descriptor fromParent, byte[] from, Descriptor parent, byte[] name)
      throws IOException {
    byte[] staged = staging.newName();
    return space(
        () -> {
          LinuxFiles.link(fromParent, from, staging.folder(), staged);
          try {
            LinuxFiles.rename(staging.folder(), staged, parent, name);
            removeLeftOver(staging.folder(), staged);
          } catch (SystemCallException e) {
            if (!isNotReplaceable(e)) {
              staging.discard(staged);
              throw e;
            }
            swapIn(staged, parent, name);
          }
          return LinuxFiles.status(parent, name);
        });
  }

  /** A rename between two names of one inode does nothing, and leaves both. */
  private static void removeLeftOver(Descriptor parent, byte[] name) throws SystemCallException {
    if (LinuxFiles.findStatus(parent, name).isPresent()) {
      LinuxFiles.removeFile(parent, name);
    }
  }

  /** Renames within the target; what stands at {@code to} is replaced whatever it is. */
  public void move(Descriptor fromParent, byte[] from, Descriptor toParent, byte[] to)
      throws SystemCallException {
    try {
      LinuxFiles.rename(fromParent, from, toParent, to);
      removeLeftOver(fromParent, from);
    } catch (SystemCallException e) {
      if (!isNotReplaceable(e)) {
        throw e;
      }
      LinuxFiles.exchange(fromParent, from, toParent, to);
      remove(fromParent, from);
    }
  }

  /** Lets two entries change places. */
  public void exchange(Descriptor firstParent, byte[] first, Descriptor secondParent, byte[] second)
      throws SystemCallException {
    LinuxFiles.exchange(firstParent, first, secondParent, second);
  }

  private void replace(byte[] staged, Descriptor parent, byte[] name) throws SystemCallException {
    try {
      LinuxFiles.rename(staging.folder(), staged, parent, name);
    } catch (SystemCallException e) {
      if (!isNotReplaceable(e)) {
        throw e;
      }
      swapIn(staged, parent, name);
    }
  }

  private static boolean isNotReplaceable(SystemCallException e) {
    return switch (e.errno()) {
      case EISDIR, ENOTDIR, ENOTEMPTY, EEXIST -> true;
      default -> false;
    };
  }

  private void swapIn(byte[] staged, Descriptor parent, byte[] name) throws SystemCallException {
    try {
      LinuxFiles.exchange(staging.folder(), staged, parent, name);
      staging.discard(staged);
    } catch (SystemCallException e) {
      // Not every filesystem can exchange; then the name is free for a moment.
      if (e.errno() != Errno.EINVAL && e.errno() != Errno.EOPNOTSUPP) {
        throw e;
      }
      byte[] old = staging.newName();
      LinuxFiles.rename(parent, name, staging.folder(), old);
      LinuxFiles.rename(staging.folder(), staged, parent, name);
      staging.discard(old);
    }
  }

  void discard(byte[] staged) throws SystemCallException {
    staging.discard(staged);
  }

  private interface Work<T> {
    T run() throws IOException;
  }

  private <T> T space(Work<T> work) throws IOException {
    try {
      return work.run();
    } catch (SystemCallException e) {
      if (e.errno() == Errno.ENOSPC || e.errno() == Errno.EDQUOT) {
        throw new TargetFullException(target, e);
      }
      throw e;
    }
  }
}
