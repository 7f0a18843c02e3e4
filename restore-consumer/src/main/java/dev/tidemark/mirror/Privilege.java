package dev.tidemark.mirror;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether file permissions bind this process. */
final class Privilege {
  private Privilege() {}

  /** By the effective user, which owns its own entry in {@code /proc}. */
  static boolean isRoot() throws IOException {
    return Files.getAttribute(Path.of("/proc/self/status"), "unix:uid") instanceof Integer uid
        && uid == 0;
  }
}
