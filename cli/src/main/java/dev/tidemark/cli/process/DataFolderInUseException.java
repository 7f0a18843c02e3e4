package dev.tidemark.cli.process;

import java.io.IOException;

/** Another process has the data folder; the message names both. */
public final class DataFolderInUseException extends IOException {
  private static final long serialVersionUID = 1L;

  public DataFolderInUseException(String message) {
    super(message);
  }
}
