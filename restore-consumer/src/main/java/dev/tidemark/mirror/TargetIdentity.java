package dev.tidemark.mirror;

import dev.tidemark.apply.TargetDirectory;
import dev.tidemark.filesystem.linux.DirectoryEntry;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.LinuxFiles;
import java.io.IOException;

/**
 * Sees to it that the target is the directory that the state is about, or one that may become it.
 * An empty mount point whose filesystem is not mounted must not be taken for the target.
 */
final class TargetIdentity {
  private TargetIdentity() {}

  static void require(TargetDirectory target, MirrorState state, MirrorConfig config)
      throws IOException {
    FileStatus root = LinuxFiles.status(target.root());
    // The device's number may be another after each boot.
    String identity =
        "inode %d of filesystem type %x"
            .formatted(root.inode(), LinuxFiles.filesystemType(target.root()));
    String known = state.notes().target();
    if (known.equals(identity)) {
      return;
    }
    switch (config.takeOver()) {
      case REFUSE -> {
        if (!known.isEmpty()) {
          throw new MirrorRefusedException(
              ("The target %s is not the directory that this standby filled: it is %s, expected %s."
                      + " Mount the right filesystem there; or start with take-over to make this"
                      + " directory equal to tree %s.")
                  .formatted(target.path(), identity, known, config.tree()));
        }
        requireEmpty(target, config);
      }
      case REPLACE, OVERWRITE -> {
        // Whatever stands there is compared with the tree.
      }
    }
    if (!known.isEmpty()) {
      state.clear();
    }
    state.notes().putTarget(identity);
  }

  private static void requireEmpty(TargetDirectory target, MirrorConfig config) throws IOException {
    for (DirectoryEntry entry : LinuxFiles.list(target.root())) {
      if (!target.isReserved(entry.name())) {
        throw new MirrorRefusedException(
            ("The target %s is not empty, and nothing in it was put there by this standby (%s)."
                    + " Choose an empty directory; or start with take-over to make it equal to tree"
                    + " %s, where what differs is kept aside in the state folder.")
                .formatted(target.path(), entry, config.tree()));
      }
    }
  }
}
