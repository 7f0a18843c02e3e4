package dev.tidemark.mirror;

import java.nio.file.Path;

/** What becomes of what others changed in a target when it is put right. Nothing of it expires. */
public sealed interface KeepDrift {
  /** Copied to {@code kept-aside} of the state folder first. */
  record Usual() implements KeepDrift {}

  /**
   * Copied to a folder first.
   *
   * @param folder outside of the target; made if missing
   */
  record In(Path folder) implements KeepDrift {
    public In {
      folder = folder.toAbsolutePath().normalize();
    }
  }

  /**
   * Replaced, and told of in the log. What a directory holds that is taken over is kept all the
   * same.
   */
  record No() implements KeepDrift {}
}
