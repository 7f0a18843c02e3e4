package dev.tidemark.cli.drill;

import dev.tidemark.apply.TargetDirectory;
import dev.tidemark.cli.process.Amounts;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/**
 * A new folder, which its owner alone may look into, and which is removed with all that is in it
 * when this is closed.
 */
final class ScratchFolder implements AutoCloseable {
  /** What an entry may need beside its bytes: a block, and the inode. */
  private static final long ENTRY_BYTES = 4 << 10;

  private final Path parent;
  private final Path folder;
  private boolean isKept;

  private ScratchFolder(Path parent, Path folder) {
    this.parent = parent;
    this.folder = folder;
  }

  static String prefix(TreeName tree) {
    return "tidemark-drill-" + tree + "-";
  }

  /**
   * Makes it in a directory that is there.
   *
   * @throws IOException if it cannot be made; the message is for the user
   */
  static ScratchFolder create(Path parent, TreeName tree) throws IOException {
    if (!Files.isDirectory(parent)) {
      throw new IOException(
          "The scratch directory %s is not there. Make it, or name another with --scratch."
              .formatted(parent));
    }
    return new ScratchFolder(parent, Files.createTempDirectory(parent, prefix(tree)));
  }

  /** Folders of drills of the same tree that were killed, or are at work now. */
  List<Path> others(TreeName tree) throws IOException {
    try (Stream<Path> siblings = Files.list(parent)) {
      return siblings
          .filter(path -> !path.equals(folder) && isOf(tree, path.getFileName().toString()))
          .sorted()
          .toList();
    }
  }

  /** The names of other trees may begin as this one's does. */
  private static boolean isOf(TreeName tree, String name) {
    return name.startsWith(prefix(tree))
        && name.substring(prefix(tree).length()).chars().allMatch(Character::isDigit);
  }

  Path parent() {
    return parent;
  }

  /** Where the tree goes. */
  Path tree() {
    return folder.resolve("tree");
  }

  /**
   * Checks before anything is written.
   *
   * @throws IOException if there is too little; the message is for the user
   */
  void requireRoom(long bytes, long entries) throws IOException {
    long needed = bytes + entries * ENTRY_BYTES;
    long free = Files.getFileStore(folder).getUsableSpace();
    if (free < needed) {
      throw new IOException(
          ("The scratch directory %s has %s free, and the drill needs %s. Make room there, name"
                  + " another with --scratch, or drill a part of the tree with --path.")
              .formatted(parent, Amounts.bytes(free), Amounts.bytes(needed)));
    }
  }

  /** Leaves it where it is. */
  void keep() {
    isKept = true;
  }

  @Override
  public void close() throws IOException {
    if (isKept || !Files.exists(folder)) {
      return;
    }
    try {
      Files.walkFileTree(folder, new Remover());
    } catch (IOException walkFailed) {
      try {
        removeFlattened();
      } catch (IOException e) {
        e.addSuppressed(walkFailed);
        throw new IOException(
            "What the drill restored could not be removed: remove %s by hand. %s"
                .formatted(folder, e.getMessage()),
            e);
      }
    }
  }

  /** Takes also what lies too deep for a path. Needs a little room, which a walk does not. */
  private void removeFlattened() throws IOException {
    try (TargetDirectory open = TargetDirectory.open(folder)) {
      for (var entry : LinuxFiles.list(open.root())) {
        if (!open.isReserved(entry.name())) {
          open.discard(open.root(), entry.name());
        }
      }
    }
    Files.delete(folder);
  }

  private static final class Remover extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
        throws IOException {
      if (!Files.isWritable(directory) || !Files.isExecutable(directory)) {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
      }
      return FileVisitResult.CONTINUE;
    }

    /** A directory without the right to read it cannot even be entered. */
    @Override
    public FileVisitResult visitFileFailed(Path file, IOException cause) throws IOException {
      if (!Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS) || Files.isReadable(file)) {
        throw cause;
      }
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
      Files.walkFileTree(file, this);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.delete(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, IOException failure)
        throws IOException {
      if (failure != null) {
        throw failure;
      }
      Files.delete(directory);
      return FileVisitResult.CONTINUE;
    }
  }
}
