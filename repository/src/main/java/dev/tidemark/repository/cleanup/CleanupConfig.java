package dev.tidemark.repository.cleanup;

import dev.tidemark.repository.blob.Grace;
import java.time.Duration;

/**
 * Settings of clean-up.
 *
 * @param grace from announcing to deleting; default and least {@link Grace#DEFAULT}
 * @param filterBytes bound of the set of chunks in use; with less than two bytes for each chunk of
 *     the repository some that are not in use stay until a later run. Default 64 MiB, at least 1
 *     KiB
 * @param packBytes frame bytes of a rewritten pack; default 16 MiB
 * @param unusedPercent of what is stored so much may stay though nothing needs it: the packs with
 *     most of it are rewritten until no more is left in the others. Default 5, 0 to 100; the less,
 *     the more is copied
 * @param rewriteBytes most bytes that the packs chosen in one run need to have copied; what is left
 *     is chosen by later runs. Default 16 GiB
 */
public record CleanupConfig(
    Duration grace, long filterBytes, int packBytes, int unusedPercent, long rewriteBytes) {
  private static final int MIN_FILTER_BYTES = 1 << 10;

  /** All defaults. */
  public static final CleanupConfig DEFAULT =
      new CleanupConfig(Grace.DEFAULT, 64L << 20, 16 << 20, 5, 16L << 30);

  public CleanupConfig {
    if (grace.compareTo(Grace.DEFAULT) < 0) {
      throw new IllegalArgumentException(
          "grace %s: expected at least %s, which writers rely on".formatted(grace, Grace.DEFAULT));
    }
    if (filterBytes < MIN_FILTER_BYTES) {
      throw new IllegalArgumentException(
          "filter of %d bytes: expected at least %d".formatted(filterBytes, MIN_FILTER_BYTES));
    }
    if (packBytes < 1 || unusedPercent < 0 || unusedPercent > 100 || rewriteBytes < 0) {
      throw new IllegalArgumentException(
          "packs of %d bytes, %d %% unused, %d bytes to rewrite: expected 1 or more, 0 to 100, 0 or more"
              .formatted(packBytes, unusedPercent, rewriteBytes));
    }
  }

  public CleanupConfig withGrace(Duration longer) {
    return new CleanupConfig(longer, filterBytes, packBytes, unusedPercent, rewriteBytes);
  }

  public CleanupConfig withFilterBytes(long bytes) {
    return new CleanupConfig(grace, bytes, packBytes, unusedPercent, rewriteBytes);
  }

  public CleanupConfig withUnusedPercent(int percent) {
    return new CleanupConfig(grace, filterBytes, packBytes, percent, rewriteBytes);
  }

  /** A pack below this is joined with others. */
  int smallPackBytes() {
    return packBytes / 4;
  }
}
