package dev.tidemark.watcher;

/**
 * Another writer has begun a term over the tree: nothing that this one sends is accepted any more.
 */
public final class WatcherFencedException extends OtherWriterException {
  private static final long serialVersionUID = 1L;

  WatcherFencedException(String message) {
    super(message);
  }
}
