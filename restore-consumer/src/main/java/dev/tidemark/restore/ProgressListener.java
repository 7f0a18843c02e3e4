package dev.tidemark.restore;

/** Hears how far a restore has come; called often and from several threads, so it must be quick. */
@FunctionalInterface
public interface ProgressListener {
  /** For callers that need no progress. */
  ProgressListener NONE = progress -> {};

  void progress(Progress progress);

  /**
   * How far a restore has come.
   *
   * @param entries dealt with, of {@code totalEntries}
   * @param bytes of files dealt with, of {@code totalBytes}; those that were right before count too
   */
  record Progress(long entries, long totalEntries, long bytes, long totalBytes) {}
}
