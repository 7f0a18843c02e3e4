package dev.tidemark.cli.process;

import java.io.IOException;

/**
 * Standard output takes no more: nothing further needs to be done. Whether that is a failure,
 * {@link StandardOutput#requireWritten()} tells.
 */
public final class OutputClosedException extends IOException {
  private static final long serialVersionUID = 1L;

  public OutputClosedException() {
    super("standard output takes no more");
  }
}
