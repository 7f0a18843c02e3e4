package dev.tidemark.mirror;

import dev.tidemark.apply.TargetDirectory;
import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;

/**
 * Lets entries that a comparison could not put wait alone, where it is the immutable or append-only
 * flag that keeps them: their paths are blocked. On the mirror's thread.
 */
final class Waits {
  private final TargetDirectory target;
  private final BlockedPaths blocked;

  Waits(TargetDirectory target, BlockedPaths blocked) {
    this.target = target;
    this.blocked = blocked;
  }

  /** Whether a path that could not be put waits; failures come in the order of their paths. */
  boolean covers(NodePath path) {
    if (blocked.covers(path)) {
      return true;
    }
    if (blocked.isFull() || !isProtected(path)) {
      return false;
    }
    blocked.add(path);
    return true;
  }

  private boolean isProtected(NodePath path) {
    if (path.isRoot()) {
      return isProtected(target.root(), new byte[0]);
    }
    try (Descriptor parent = target.openDirectory(path.parent())) {
      return isProtected(parent, path.name());
    } catch (IOException notThere) {
      // Without the directory there is nothing that could be protected.
      return false;
    }
  }

  /** Whether an entry, or its directory, has such a flag. */
  static boolean isProtected(Descriptor parent, byte[] name) {
    try {
      return LinuxFiles.isProtected(parent)
          || name.length > 0 && LinuxFiles.isProtected(parent, name);
    } catch (IOException cannotTell) {
      // A filesystem that has no flags.
      return false;
    }
  }
}
