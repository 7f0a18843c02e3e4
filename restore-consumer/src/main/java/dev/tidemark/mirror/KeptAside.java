package dev.tidemark.mirror;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.DirectoryEntry;
import dev.tidemark.filesystem.linux.Errno;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NativePath;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Copies of what a mirror is about to replace or remove though nobody told it to: {@code
 * kept-aside/<time>/} in the state folder, by the same paths. Files and symlinks, with owner, mode
 * and times; made when the first is kept. Safe from several threads.
 */
final class KeptAside implements AutoCloseable {
  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH-mm-ss-SSS'Z'").withZone(ZoneOffset.UTC);
  private static final int BUFFER_BYTES = 256 << 10;
  private static final int FOLDER_MODE = 0700;

  private final Path folder;
  private Consumer<NodePath> kept = _ -> {};
  private @Nullable Path list;
  private final AtomicLong count = new AtomicLong();
  private @Nullable Descriptor root;

  KeptAside(Path stateFolder, Instant now) {
    this(now, stateFolder.resolve("kept-aside"));
  }

  private KeptAside(Instant now, Path base) {
    this.folder = base.resolve(NAME.format(now));
  }

  /** In another folder than the state's. */
  static KeptAside in(Path base, Instant now) {
    return new KeptAside(now, base);
  }

  /**
   * Lists each entry that is kept, with all below it, in a file beside the folder by its name with
   * {@code .list}, a path a line, before it is replaced.
   *
   * @param listener hears of it, too, from one thread at a time
   */
  KeptAside listing(Consumer<NodePath> listener) {
    kept = listener;
    list = folder.resolveSibling(folder.getFileName() + ".list");
    return this;
  }

  Path folder() {
    return folder;
  }

  long count() {
    return count.get();
  }

  /** Copies what stands at a name, with all below it. Sockets, FIFOs and devices are left out. */
  synchronized void keep(Descriptor parent, byte[] name, NodePath path) throws IOException {
    FileStatus status = LinuxFiles.status(parent, name);
    try (Descriptor into = folderFor(path.parent())) {
      copy(parent, name, status, into);
    }
    if (list != null) {
      Files.writeString(list, path + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
    kept.accept(path);
  }

  private void copy(Descriptor parent, byte[] name, FileStatus status, Descriptor into)
      throws IOException {
    switch (status.type()) {
      case REGULAR -> copyFile(parent, name, status, into);
      case SYMLINK -> {
        removeOld(into, name);
        LinuxFiles.createSymlink(LinuxFiles.readSymlink(parent, name), into, name);
        count.incrementAndGet();
      }
      case DIRECTORY -> copyDirectory(parent, name, into);
      case FIFO, SOCKET, CHARACTER_DEVICE, BLOCK_DEVICE, UNKNOWN -> {
        // Nothing is in them that could be lost.
      }
    }
  }

  private void copyDirectory(Descriptor parent, byte[] name, Descriptor into) throws IOException {
    ensureFolder(into, name);
    try (Descriptor from = LinuxFiles.openDirectory(parent, name);
        Descriptor to = LinuxFiles.openDirectory(into, name)) {
      for (DirectoryEntry entry : LinuxFiles.list(from)) {
        copy(from, entry.name(), LinuxFiles.status(from, entry.name()), to);
      }
    }
  }

  private void copyFile(Descriptor parent, byte[] name, FileStatus status, Descriptor into)
      throws IOException {
    removeOld(into, name);
    byte[] buffer = new byte[BUFFER_BYTES];
    try (Descriptor from = LinuxFiles.openForReading(parent, name);
        Descriptor to = LinuxFiles.createFile(into, name, 0600)) {
      for (int read = LinuxFiles.read(from, buffer, 0, buffer.length);
          read > 0;
          read = LinuxFiles.read(from, buffer, 0, buffer.length)) {
        LinuxFiles.writeFully(to, buffer, 0, read);
      }
      setOwner(to, status);
      LinuxFiles.changeMode(to, status.permissions());
      LinuxFiles.changeTimes(to, status.mtimeSeconds(), status.mtimeNanos());
      // It may be the only copy soon.
      LinuxFiles.sync(to);
    }
    count.incrementAndGet();
  }

  private static void setOwner(Descriptor file, FileStatus status) throws SystemCallException {
    try {
      LinuxFiles.changeOwner(file, status.uid(), status.gid());
    } catch (SystemCallException e) {
      if (e.errno() != Errno.EPERM) {
        throw e;
      }
    }
  }

  private static void removeOld(Descriptor into, byte[] name) throws SystemCallException {
    if (LinuxFiles.findStatus(into, name).isPresent()) {
      LinuxFiles.removeFile(into, name);
    }
  }

  private Descriptor folderFor(NodePath directory) throws IOException {
    if (root == null) {
      Files.createDirectories(folder);
      root = LinuxFiles.openRoot(NativePath.of(folder));
    }
    Descriptor at = LinuxFiles.openDirectory(root, new byte[0]);
    for (byte[] name : namesOf(directory)) {
      try (Descriptor parent = at) {
        ensureFolder(parent, name);
        at = LinuxFiles.openDirectory(parent, name);
      }
    }
    return at;
  }

  private static List<byte[]> namesOf(NodePath directory) {
    List<byte[]> names = new ArrayList<>();
    for (NodePath at = directory; !at.isRoot(); at = at.parent()) {
      names.addFirst(at.name());
    }
    return names;
  }

  private static void ensureFolder(Descriptor parent, byte[] name) throws SystemCallException {
    try {
      LinuxFiles.createDirectory(parent, name, FOLDER_MODE);
    } catch (SystemCallException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e;
      }
    }
  }

  @Override
  public synchronized void close() throws SystemCallException {
    if (root != null) {
      root.close();
      root = null;
    }
  }
}
