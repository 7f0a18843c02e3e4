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
 * @param deadPercent a pack of which at least so much is not in use is rewritten; default 50, 1 to
 *     100
 * @param rewriteBytes most bytes that the packs chosen in one run need to have copied; what is left
 *     is chosen by later runs. Default 16 GiB
 */
public record CleanupConfig(
    Duration grace, long filterBytes, int packBytes, int deadPercent, long rewriteBytes) {
  private static final int MIN_FILTER_BYTES = 1 << 10;

  /** All defaults. */
  public static final CleanupConfig DEFAULT =
      new CleanupConfig(Grace.DEFAULT, 64L << 20, 16 << 20, 50, 16L << 30);

  public CleanupConfig {
    if (grace.compareTo(Grace.DEFAULT) < 0) {
      throw new IllegalArgumentException(
          "grace %s: expected at least %s, which writers rely on".formatted(grace, Grace.DEFAULT));
    }
    if (filterBytes < MIN_FILTER_BYTES) {
      throw new IllegalArgumentException(
          "filter of %d bytes: expected at least %d".formatted(filterBytes, MIN_FILTER_BYTES));
    }
    if (packBytes < 1 || deadPercent < 1 || deadPercent > 100 || rewriteBytes < 0) {
      throw new IllegalArgumentException(
          "packs of %d bytes, %d %% dead, %d bytes to rewrite: expected 1 or more, 1 to 100, 0 or more"
              .formatted(packBytes, deadPercent, rewriteBytes));
    }
  }

  public CleanupConfig withGrace(Duration longer) {
    return new CleanupConfig(longer, filterBytes, packBytes, deadPercent, rewriteBytes);
  }

  public CleanupConfig withFilterBytes(long bytes) {
    return new CleanupConfig(grace, bytes, packBytes, deadPercent, rewriteBytes);
  }

  /** A pack below this is joined with others. */
  int smallPackBytes() {
    return packBytes / 4;
  }
}
