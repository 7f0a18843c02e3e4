package dev.tidemark.apply;

/**
 * How a tree is put onto a target.
 *
 * @param owners which owner and group entries get
 * @param workers threads that read frames and write files, at least 1
 */
public record SyncOptions(
    ExistingFiles existing, ExtraEntries extras, OwnerIds owners, int workers) {
  public static final int DEFAULT_WORKERS = 3;

  public static final SyncOptions DEFAULT =
      new SyncOptions(
          ExistingFiles.KEEP_IF_METADATA_EQUAL,
          ExtraEntries.LEAVE,
          OwnerIds.BY_NAME,
          DEFAULT_WORKERS);

  /** When a file that stands there already is right. */
  public enum ExistingFiles {
    /**
     * Its size and modification time are equal; owner, mode and attributes are set where they
     * differ.
     */
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
    return new SyncOptions(existing, newExtras, owners, workers);
  }

  public SyncOptions withWorkers(int newWorkers) {
    return new SyncOptions(existing, extras, owners, newWorkers);
  }

  public SyncOptions withExisting(ExistingFiles newExisting) {
    return new SyncOptions(newExisting, extras, owners, workers);
  }

  public SyncOptions withOwners(OwnerIds newOwners) {
    return new SyncOptions(existing, extras, newOwners, workers);
  }
}
