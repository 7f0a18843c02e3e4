package dev.tidemark.apply;

import dev.tidemark.schemas.chunk.ChunkId;
import java.util.function.Predicate;

/**
 * How a tree is put onto a target.
 *
 * @param owners which owner and group entries get
 * @param workers threads that read frames and write files, at least 1
 * @param memoryBytes bound of the frames held at once; at least 1 MiB, and a file's window of
 *     {@link FileFiller#WINDOW_BYTES} is held whatever the bound
 * @param exclusions what of the target is left as it is; the tree must not have it either
 * @param repeated whether more than one file may need a chunk: then its frame is kept on disk
 */
public record SyncOptions(
    ExistingFiles existing,
    ExtraEntries extras,
    OwnerIds owners,
    int workers,
    long memoryBytes,
    Predicate<ChunkId> repeated,
    Exclusions exclusions) {
  public static final int DEFAULT_WORKERS = 3;

  /** A quarter of the heap, at most 128 MiB: most of it is held compressed. */
  public static final long DEFAULT_MEMORY_BYTES =
      Math.clamp(Runtime.getRuntime().maxMemory() / 4, 8 << 20, 128 << 20);

  private static final long MIN_MEMORY_BYTES = 1 << 20;

  public static final SyncOptions DEFAULT =
      new SyncOptions(
          ExistingFiles.KEEP_IF_METADATA_EQUAL,
          ExtraEntries.LEAVE,
          OwnerIds.BY_NAME,
          DEFAULT_WORKERS,
          DEFAULT_MEMORY_BYTES,
          _ -> false,
          Exclusions.NONE);

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
    if (memoryBytes < MIN_MEMORY_BYTES) {
      throw new IllegalArgumentException(
          "%d bytes of memory: expected at least %d".formatted(memoryBytes, MIN_MEMORY_BYTES));
    }
  }

  public SyncOptions withExtras(ExtraEntries newExtras) {
    return new SyncOptions(existing, newExtras, owners, workers, memoryBytes, repeated, exclusions);
  }

  public SyncOptions withWorkers(int newWorkers) {
    return new SyncOptions(existing, extras, owners, newWorkers, memoryBytes, repeated, exclusions);
  }

  public SyncOptions withExisting(ExistingFiles newExisting) {
    return new SyncOptions(newExisting, extras, owners, workers, memoryBytes, repeated, exclusions);
  }

  public SyncOptions withOwners(OwnerIds newOwners) {
    return new SyncOptions(existing, extras, newOwners, workers, memoryBytes, repeated, exclusions);
  }

  public SyncOptions withMemoryBytes(long bytes) {
    return new SyncOptions(existing, extras, owners, workers, bytes, repeated, exclusions);
  }

  public SyncOptions withRepeated(Predicate<ChunkId> newRepeated) {
    return new SyncOptions(existing, extras, owners, workers, memoryBytes, newRepeated, exclusions);
  }

  public SyncOptions withExclusions(Exclusions newExclusions) {
    return new SyncOptions(existing, extras, owners, workers, memoryBytes, repeated, newExclusions);
  }
}
