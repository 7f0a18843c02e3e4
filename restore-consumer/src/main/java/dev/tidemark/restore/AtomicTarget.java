package dev.tidemark.restore;

import dev.tidemark.apply.TargetDirectory;
import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.Errno;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NativePath;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.DisplayText;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A directory that is built beside a target, and takes its place by one rename. What was there goes
 * afterwards. Left as it is by a crash, a next run goes on with it.
 */
final class AtomicTarget implements AutoCloseable {
  private static final int NAME_DIGITS = 16;
  private static final Path MOUNTS = Path.of("/proc/self/mountinfo");

  private final Path target;
  private final Path beside;
  private final TargetDirectory building;

  /** What is there now, kept from others meanwhile; null if nothing is. */
  private final @Nullable TargetDirectory old;

  private AtomicTarget(
      Path target, Path beside, TargetDirectory building, @Nullable TargetDirectory old) {
    this.target = target;
    this.beside = beside;
    this.building = building;
    this.old = old;
  }

  static AtomicTarget open(Path wanted) throws IOException {
    Path target = place(wanted);
    Path parent = target.getParent();
    Path name = target.getFileName();
    if (parent == null || name == null) {
      throw new IOException(
          "The root directory cannot be replaced at once. Leave out --atomic, or restore into"
              + " another directory.");
    }
    if (Files.exists(target) && !Files.isDirectory(target)) {
      throw new IOException(
          "The target %s is no directory. Choose a directory, or a path where nothing stands."
              .formatted(target));
    }
    requireNoMountBelow(target);
    ChunkId hash = ChunkId.computeOf(name.toString().getBytes(StandardCharsets.UTF_8));
    Path beside = parent.resolve(".tidemark-new-" + hash.toString().substring(0, NAME_DIGITS));
    TargetDirectory old = Files.isDirectory(target) ? TargetDirectory.open(target) : null;
    try {
      if (old != null && old.isStagedInside()) {
        throw new IOException(
            ("%s cannot be renamed: it is a mount point, or the directory above it is not ours to"
                    + " write. Leave out --atomic, or restore into a directory below it.")
                .formatted(target));
      }
      return new AtomicTarget(target, beside, TargetDirectory.open(beside), old);
    } catch (IOException | RuntimeException e) {
      if (old != null) {
        old.close();
      }
      throw e;
    }
  }

  /** A filesystem mounted in it would go along with the old directory. */
  private static void requireNoMountBelow(Path target) throws IOException {
    byte[] path = NativePath.of(target).bytes();
    byte[] prefix = Arrays.copyOf(path, path.length + 1);
    prefix[path.length] = '/';
    for (String line : Files.readAllLines(MOUNTS, StandardCharsets.ISO_8859_1)) {
      // mount ID, parent, device, root, mount point (proc_pid_mountinfo(5)).
      String[] fields = line.split(" ", 6);
      if (fields.length < 6) {
        continue;
      }
      byte[] point = unescape(fields[4]);
      if (point.length > prefix.length
          && Arrays.equals(point, 0, prefix.length, prefix, 0, prefix.length)) {
        throw new IOException(
            ("A filesystem is mounted at %s, in %s: it would go along with the old directory."
                    + " Unmount it, or restore without --atomic.")
                .formatted(DisplayText.of(point), target));
      }
    }
  }

  /** Space, tab, newline and backslash are three octal digits behind a backslash. */
  private static byte[] unescape(String field) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < field.length(); i++) {
      if (field.charAt(i) == '\\' && i + 3 < field.length()) {
        bytes.write(Integer.parseInt(field.substring(i + 1, i + 4), 8));
        i += 3;
      } else {
        bytes.write(field.charAt(i));
      }
    }
    return bytes.toByteArray();
  }

  /** Without symlinks: what is replaced is the directory itself. */
  private static Path place(Path wanted) throws IOException {
    if (Files.exists(wanted)) {
      return wanted.toRealPath();
    }
    if (Files.exists(wanted, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(
          "The target %s is a symlink to nothing. Name the directory itself.".formatted(wanted));
    }
    Path absolute = wanted.toAbsolutePath().normalize();
    return Files.createDirectories(parent(absolute)).toRealPath().resolve(absolute.getFileName());
  }

  /** Where the tree is put. */
  TargetDirectory building() {
    return building;
  }

  Path beside() {
    return beside;
  }

  /** The version that is there, whose bytes may be used; null if there is none. */
  @Nullable TargetDirectory old() {
    return old;
  }

  /** Lets the new take the place of the old, once it is on disk, and removes the old. */
  void swap() throws IOException {
    LinuxFiles.syncFilesystem(building.root());
    byte[] newName = nameOf(beside);
    try (Descriptor parent = LinuxFiles.openRoot(NativePath.of(parent(beside)))) {
      exchange(parent, newName, nameOf(target));
      LinuxFiles.sync(parent);
      if (old != null) {
        building.discard(parent, newName);
      }
    }
  }

  private void exchange(Descriptor parent, byte[] newName, byte[] name) throws IOException {
    try {
      if (old == null) {
        LinuxFiles.renameNoReplace(parent, newName, parent, name);
      } else {
        LinuxFiles.exchange(parent, newName, parent, name);
      }
    } catch (SystemCallException e) {
      if (e.errno() == Errno.EEXIST) {
        throw new IOException(
            "Something was put at %s meanwhile. The restored tree is in %s; run it again."
                .formatted(target, beside),
            e);
      }
      throw new IOException(
          ("%s could not be replaced at once: %s. It is as it was, and the restored tree is in %s."
                  + " Not every filesystem can exchange two directories: restore without --atomic.")
              .formatted(target, e.getMessage(), beside),
          e);
    }
  }

  private static Path parent(Path path) {
    return Objects.requireNonNull(path.getParent());
  }

  private static byte[] nameOf(Path path) {
    byte[] all = NativePath.of(path).bytes();
    int start = all.length;
    while (all[start - 1] != '/') {
      start--;
    }
    return Arrays.copyOfRange(all, start, all.length);
  }

  @Override
  public void close() throws IOException {
    try (building) {
      if (old != null) {
        old.close();
      }
    }
  }
}
