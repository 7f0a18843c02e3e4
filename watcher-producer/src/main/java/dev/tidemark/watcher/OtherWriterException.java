package dev.tidemark.watcher;

/** The tree has another writer. The message says which, and what to do to write from here. */
public sealed class OtherWriterException extends WatcherRefusedException
    permits WatcherFencedException {
  private static final long serialVersionUID = 1L;

  OtherWriterException(String message) {
    super(message);
  }
}
