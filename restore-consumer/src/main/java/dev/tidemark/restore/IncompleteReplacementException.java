package dev.tidemark.restore;

import dev.tidemark.apply.SyncReport;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A tree that was to be replaced at once, and is as it was: some of the new one is not to be had.
 */
public final class IncompleteReplacementException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient SyncReport result;

  IncompleteReplacementException(Path target, Path beside, SyncReport result) {
    super(
        ("%s is as it was: not all of the tree could be restored. What could is in %s; without"
                + " --atomic it goes into %s file by file.")
            .formatted(target, beside, target));
    this.result = result;
  }

  /** What failed, and what was done. */
  public SyncReport result() {
    return result;
  }
}
