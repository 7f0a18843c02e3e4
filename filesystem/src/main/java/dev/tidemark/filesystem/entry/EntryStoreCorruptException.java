package dev.tidemark.filesystem.entry;

import java.io.IOException;
import java.nio.file.Path;

/** An entry store is damaged. Nothing mends it; what it held is found again by a scan. */
public final class EntryStoreCorruptException extends IOException {
  private static final long serialVersionUID = 1L;

  EntryStoreCorruptException(Path folder, String what, Throwable cause) {
    super(message(folder, what), cause);
  }

  EntryStoreCorruptException(Path folder, String what) {
    super(message(folder, what));
  }

  private static String message(Path folder, String what) {
    return "The entry store in %s is damaged: %s. Move that folder away and start again; its"
            .formatted(folder, what)
        + " content is rebuilt by a full scan.";
  }
}
