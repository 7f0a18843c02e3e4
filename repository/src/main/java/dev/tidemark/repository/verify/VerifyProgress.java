package dev.tidemark.repository.verify;

/**
 * How far a check has come.
 *
 * @param bytes lengths of the packs looked at so far
 * @param changes sealed changes and entries of snapshots read so far; they come after the packs,
 *     and how many there are is not known before
 */
public record VerifyProgress(
    long packs, long totalPacks, long bytes, long totalBytes, long changes) {
  /** Told of progress, by the thread that checks. */
  @FunctionalInterface
  public interface Listener {
    void progressed(VerifyProgress progress);
  }
}
