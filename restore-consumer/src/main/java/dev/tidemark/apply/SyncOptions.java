package dev.tidemark.apply;

/**
 * How a tree is put onto a target.
 *
 * @param workers threads that read frames and write files, at least 1
 */
public record SyncOptions(ExistingFiles existing, ExtraEntries extras, int workers) {
  public static final int DEFAULT_WORKERS = 3;

  public static final SyncOptions DEFAULT =
      new SyncOptions(ExistingFiles.KEEP_IF_METADATA_EQUAL, ExtraEntries.LEAVE, DEFAULT_WORKERS);

  /** When a file that stands there already is right. */
  public enum ExistingFiles {
    /** Its size and modification time are equal; owner and mode are set where they differ. */
    KEEP_IF_METADATA_EQUAL,
    /** Its bytes are read and hash to the chunks too. */
    KEEP_IF_CONTENT_EQUAL
  }

  /** What happens to entries of the target that the tree has not. */
  public enum ExtraEntries {
    LEAVE,
    REMOVE
  }

  public SyncOptions {
    if (workers < 1) {
      throw new IllegalArgumentException("%d workers: expected at least 1".formatted(workers));
    }
  }

  public SyncOptions withExtras(ExtraEntries newExtras) {
    return new SyncOptions(existing, newExtras, workers);
  }

  public SyncOptions withWorkers(int newWorkers) {
    return new SyncOptions(existing, extras, newWorkers);
  }

  public SyncOptions withExisting(ExistingFiles newExisting) {
    return new SyncOptions(newExisting, extras, workers);
  }
}
