package dev.tidemark.apply;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.DirectoryEntry;
import dev.tidemark.filesystem.linux.FileType;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.NodePath;

/**
 * Tells which entries that the tree has not must stay all the same: those that are excluded, and
 * directories that hold such.
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

  private boolean holdsProtected(Descriptor parent, NodePath path, int depth)
      throws SystemCallException {
    if (depth == 0) {
      return true;
    }
    try (Descriptor directory = LinuxFiles.openDirectory(parent, path.name())) {
      for (DirectoryEntry entry : LinuxFiles.list(directory)) {
        NodePath child = path.child(entry.name());
        boolean isDirectory = entry.type() == FileType.DIRECTORY;
        if (exclusions.excludes(child, isDirectory)
            || isDirectory && holdsProtected(directory, child, depth - 1)) {
          return true;
        }
      }
      return false;
    }
  }
}
