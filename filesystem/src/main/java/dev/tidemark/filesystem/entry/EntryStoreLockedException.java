package dev.tidemark.filesystem.entry;

import java.io.IOException;
import java.nio.file.Path;

/** An entry store is open already, in another process or in this one. */
public final class EntryStoreLockedException extends IOException {
  private static final long serialVersionUID = 1L;

  EntryStoreLockedException(Path folder, Throwable cause) {
    super(
        "The entry store in %s is in use (its file LOCK is held). Stop the process that has it, or"
                .formatted(folder)
            + " give this one a folder of its own.",
        cause);
  }
}
