package dev.tidemark.watcher.capture;

import java.util.Map;
import java.util.Optional;

/**
 * Filesystems whose kernel does not see all that changes in them, by their number in {@code
 * linux/magic.h} or their own sources.
 */
final class Filesystems {
  private static final Map<Long, String> SILENT =
      Map.of(
          0x6969L, "nfs",
          0x517bL, "smb",
          0xff534d42L, "cifs",
          0xfe534d42L, "smb2",
          0x01021997L, "9p",
          0x65735546L, "fuse",
          0x00c36400L, "ceph",
          0x5346414fL, "afs",
          0x6b414653L, "afs",
          0x47504653L, "gpfs");

  private Filesystems() {}

  /** The name of a filesystem on which others, too, change files; empty if none is known to. */
  static Optional<String> findSilent(long type) {
    return Optional.ofNullable(SILENT.get(type));
  }
}
