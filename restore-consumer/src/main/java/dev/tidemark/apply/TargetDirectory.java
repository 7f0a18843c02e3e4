package dev.tidemark.apply;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.Errno;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NativePath;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A directory that a tree is put into, open, with its staging folder on the same mount.
 *
 * <p>Staging is {@code .tidemark-<id>} beside the target where a rename from there works, else that
 * name inside the target, which is then no part of the tree. The id follows from the target's path,
 * so that what a killed process left is found and emptied. One process at a time may have a target
 * open.
 */
public final class TargetDirectory implements AutoCloseable {
  private static final int STAGING_MODE = 0700;
  private static final byte[] LOCK_NAME = "lock".getBytes(StandardCharsets.US_ASCII);

  /**
   * Targets open in this process: closing any channel of a file would release the process's lock on
   * it, so a second one must not even be opened.
   */
  private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final Descriptor root;
  private final Place place;
  private final FileChannel lockFile;
  private final Staging staging;

  private TargetDirectory(
      Path path, Descriptor root, Place place, FileChannel lockFile, Staging staging) {
    this.path = path;
    this.root = root;
    this.place = place;
    this.lockFile = lockFile;
    this.staging = staging;
  }

  /** Where the staging folder is: a name in an open directory. */
  private record Place(Descriptor parent, Path parentPath, byte[] name, boolean inside) {
    Path lockPath() {
      return parentPath.resolve(text(name)).resolve(text(LOCK_NAME));
    }
  }

  /**
   * Opens a target, made if it is missing, and empties its staging folder.
   *
   * @throws TargetInUseException if another process has it open
   */
  public static TargetDirectory open(Path target) throws IOException {
    Path path = realPath(target);
    if (!OPEN.add(path)) {
      throw new TargetInUseException(path);
    }
    Descriptor root = null;
    try {
      root = LinuxFiles.openRoot(NativePath.of(path));
      return open(path, root);
    } catch (IOException | RuntimeException e) {
      OPEN.remove(path);
      close(root);
      throw e;
    }
  }

  private static Path realPath(Path target) throws IOException {
    if (!Files.exists(target)) {
      try {
        Files.createDirectories(target);
      } catch (NoSuchFileException e) {
        throw new IOException(
            "The target %s cannot be made: nothing new can stand in %s. Choose another place."
                .formatted(target, target.toAbsolutePath().getParent()),
            e);
      }
    }
    if (!Files.isDirectory(target)) {
      throw new IOException(
          "The target %s is no directory. Choose a directory, or a path where nothing stands."
              .formatted(target));
    }
    return target.toRealPath();
  }

  private static TargetDirectory open(Path path, Descriptor root) throws IOException {
    byte[] name = stagingName(path);
    FileStatus before = LinuxFiles.status(root);
    Place place = findPlace(path, root, name);
    FileChannel lockFile = null;
    Descriptor folder = null;
    try {
      makeStaging(place);
      lockFile = lock(path, place);
      folder = LinuxFiles.openDirectory(place.parent(), name);
      Staging staging = new Staging(folder);
      staging.emptyBut(LOCK_NAME);
      putBackTimes(root, before);
      return new TargetDirectory(path, root, place, lockFile, staging);
    } catch (IOException | RuntimeException e) {
      close(lockFile);
      close(folder);
      place.parent().close();
      throw e;
    }
  }

  private static byte[] stagingName(Path path) {
    String id = ChunkId.computeOf(NativePath.of(path).bytes()).toString().substring(0, 12);
    return (".tidemark-" + id).getBytes(StandardCharsets.US_ASCII);
  }

  private static Place findPlace(Path path, Descriptor root, byte[] name) throws IOException {
    Path parentPath = path.getParent();
    if (parentPath != null) {
      Descriptor parent = LinuxFiles.openRoot(NativePath.of(parentPath));
      Place beside = new Place(parent, parentPath, name, false);
      if (worksBeside(root, beside)) {
        return beside;
      }
      parent.close();
    }
    return new Place(LinuxFiles.openDirectory(root, new byte[0]), path, name, true);
  }

  /** Equal filesystems are not enough: across a bind mount, a rename fails. So it is tried. */
  private static boolean worksBeside(Descriptor root, Place beside) throws IOException {
    FileStatus here = LinuxFiles.status(root);
    FileStatus there = LinuxFiles.status(beside.parent());
    if (here.mountId() != there.mountId() || here.device() != there.device()) {
      return false;
    }
    boolean existed = LinuxFiles.findStatus(beside.parent(), beside.name()).isPresent();
    try {
      makeStaging(beside);
      tryRename(root, beside);
      return true;
    } catch (SystemCallException e) {
      switch (e.errno()) {
        case EXDEV, EACCES, EPERM, EROFS -> {
          removeIfNew(beside, existed);
          return false;
        }
        default -> throw e;
      }
    }
  }

  private static void tryRename(Descriptor root, Place beside) throws SystemCallException {
    byte[] probe = "probe".getBytes(StandardCharsets.US_ASCII);
    try (Descriptor folder = LinuxFiles.openDirectory(beside.parent(), beside.name())) {
      if (LinuxFiles.findStatus(folder, probe).isEmpty()) {
        LinuxFiles.createFile(folder, probe, 0600).close();
      }
      try {
        LinuxFiles.rename(folder, probe, root, beside.name());
      } catch (SystemCallException e) {
        LinuxFiles.removeFile(folder, probe);
        throw e;
      }
      LinuxFiles.removeFile(root, beside.name());
    }
  }

  private static void removeIfNew(Place place, boolean existed) throws SystemCallException {
    if (!existed && LinuxFiles.findStatus(place.parent(), place.name()).isPresent()) {
      LinuxFiles.removeDirectory(place.parent(), place.name());
    }
  }

  private static void makeStaging(Place place) throws SystemCallException {
    try {
      LinuxFiles.createDirectory(place.parent(), place.name(), STAGING_MODE);
    } catch (SystemCallException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e;
      }
    }
    try (Descriptor folder = LinuxFiles.openHandle(place.parent(), place.name())) {
      // What the parent hands down, its default list and its set-group-id bit, would be handed on.
      removeAcl(folder, AttributeRules.DEFAULT_ACL);
      removeAcl(folder, AttributeRules.ACCESS_ACL);
      LinuxFiles.changeMode(folder, STAGING_MODE);
    }
  }

  private static void removeAcl(Descriptor folder, Bytes name) throws SystemCallException {
    try {
      LinuxFiles.removeAttribute(folder, name.toArray());
    } catch (SystemCallException e) {
      if (e.errno() != Errno.EOPNOTSUPP) {
        throw e;
      }
    }
  }

  private static FileChannel lock(Path target, Place place) throws IOException {
    FileChannel file =
        FileChannel.open(place.lockPath(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = file.tryLock();
      if (lock != null) {
        return file;
      }
      throw new TargetInUseException(target);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  /** Its path, without symlinks, for messages. */
  public Path path() {
    return path;
  }

  public Descriptor root() {
    return root;
  }

  /** Whether {@code name}, directly in the root, is Tidemark's own and no part of any tree. */
  public boolean isReserved(byte[] name) {
    return Arrays.equals(name, place.name());
  }

  /** Whether the staging folder stands in the target itself. */
  public boolean isStagedInside() {
    return place.inside();
  }

  /** Opens a directory of the tree; ELOOP if a symlink is on the way. */
  public Descriptor openDirectory(NodePath directory) throws SystemCallException {
    return LinuxFiles.openDirectory(root, directory.bytes());
  }

  /** Writes single entries; safe from several threads. */
  public NodeWriter writer(OwnerIds owners) throws IOException {
    return writer(owners, FileSync.LATER);
  }

  /** The same, with a say in when files survive a power loss. */
  public NodeWriter writer(OwnerIds owners, FileSync sync) throws IOException {
    return new NodeWriter(path, staging, Owners.ofHost(owners), sync);
  }

  /** Removes an entry beside or in this directory with all below it, at once to whoever looks. */
  public void discard(Descriptor parent, byte[] name) throws IOException {
    writer(OwnerIds.NUMERIC).remove(parent, name);
  }

  Staging staging() {
    return staging;
  }

  /** Waits until all that was replaced is removed, and takes the staging folder away. */
  @Override
  public void close() throws IOException {
    try (lockFile;
        root;
        Descriptor parent = place.parent()) {
      LinuxFiles.removeFile(staging.folder(), LOCK_NAME);
      staging.close();
      removeStaging(parent);
    } finally {
      OPEN.remove(path);
    }
  }

  private void removeStaging(Descriptor parent) throws SystemCallException {
    FileStatus before = LinuxFiles.status(root);
    try {
      LinuxFiles.removeDirectory(parent, place.name());
    } catch (SystemCallException e) {
      // Left for the next start: what a failed write could not take away, or a slow removal.
      if (e.errno() != Errno.ENOTEMPTY) {
        throw e;
      }
    }
    putBackTimes(root, before);
  }

  /** The root's times are the tree's, whatever is tried or kept in it. */
  private static void putBackTimes(Descriptor root, FileStatus before) throws SystemCallException {
    LinuxFiles.changeTimes(root, before.mtimeSeconds(), before.mtimeNanos());
  }

  private static void close(@Nullable AutoCloseable resource) throws IOException {
    if (resource != null) {
      try {
        resource.close();
      } catch (IOException e) {
        throw e;
      } catch (Exception e) {
        throw new IOException(e);
      }
    }
  }

  private static String text(byte[] ascii) {
    return new String(ascii, StandardCharsets.US_ASCII);
  }
}
