package dev.tidemark.apply;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.DirectoryEntry;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.FileType;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;

/**
 * Tells which entries must stay though the tree has none or another one there: those that are
 * excluded, and directories that hold such.
 */
final class ProtectedEntries {
  /** Below so many levels no more is looked at, and the directory stays. */
  private static final int MAX_DEPTH = 100;

  private final Exclusions exclusions;

  ProtectedEntries(Exclusions exclusions) {
    this.exclusions = exclusions;
  }

  boolean isProtected(Descriptor parent, NodePath path) throws SystemCallException {
    if (exclusions == Exclusions.NONE) {
      return false;
    }
    boolean isDirectory =
        LinuxFiles.findStatus(parent, path.name())
            .filter(status -> status.type() == FileType.DIRECTORY)
            .isPresent();
    return exclusions.excludes(path, isDirectory)
        || isDirectory && holdsProtected(parent, path, MAX_DEPTH);
  }

  /** Not every filesystem tells with a name what it is. */
  private static boolean isDirectory(Descriptor parent, DirectoryEntry entry)
      throws SystemCallException {
    return entry.type() == FileType.UNKNOWN
        ? LinuxFiles.status(parent, entry.name()).type() == FileType.DIRECTORY
        : entry.type() == FileType.DIRECTORY;
  }

  private boolean holdsProtected(Descriptor parent, NodePath path, int depth)
      throws SystemCallException {
    if (depth == 0) {
      return true;
    }
    try (Descriptor directory = LinuxFiles.openDirectory(parent, path.name())) {
      for (DirectoryEntry entry : LinuxFiles.list(directory)) {
        NodePath child = path.child(entry.name());
        boolean isDirectory = isDirectory(directory, entry);
        if (exclusions.excludes(child, isDirectory)
            || isDirectory && holdsProtected(directory, child, depth - 1)) {
          return true;
        }
      }
      return false;
    }
  }

  /**
   * Before something else takes the place of what stands at a name.
   *
   * @throws IOException if that must stay; says what to do
   */
  void requireReplaceable(Descriptor parent, NodePath path, FileStatus is) throws IOException {
    if (is.type() == FileType.DIRECTORY && isProtected(parent, path)) {
      throw new IOException(
          "a directory with excluded entries stands at its name; move that away, or leave out the"
              + " pattern");
    }
  }
}
