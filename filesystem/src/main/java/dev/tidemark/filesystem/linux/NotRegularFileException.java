package dev.tidemark.filesystem.linux;

import java.io.IOException;

/**
 * What was to be read is no regular file (any more). It was not opened: opening a FIFO blocks, and
 * opening a device may act. Stat it again and treat it as what it is.
 */
public final class NotRegularFileException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String path;
  private final FileType type;

  NotRegularFileException(String path, FileType type) {
    super("%s is a %s, not a regular file; it was not opened".formatted(path, type.display()));
    this.path = path;
    this.type = type;
  }

  /** Its path for display. */
  public String path() {
    return path;
  }

  public FileType type() {
    return type;
  }
}
