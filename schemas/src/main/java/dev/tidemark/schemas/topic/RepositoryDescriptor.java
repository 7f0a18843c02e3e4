package dev.tidemark.schemas.topic;

import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.chunk.ChunkBounds;
import java.util.UUID;

/**
 * What every part must agree on: kept in the repository, published in the topic {@code repository}.
 *
 * @param chunkSeed secret: the chunker's gear table is derived from it, so that chunk sizes
 *     fingerprint nothing
 * @param chunksPartitions the count by which keys of {@code chunks} are partitioned
 * @param changesPartitions the count by which keys of {@code changes} are partitioned
 */
public record RepositoryDescriptor(
    UUID id,
    int formatVersion,
    long createdMillis,
    ChunkBounds chunkBounds,
    Bytes chunkSeed,
    int chunksPartitions,
    int changesPartitions) {
  /** The format version that this code writes. */
  public static final int FORMAT_VERSION = 1;

  /** Length of the secret in bytes. */
  public static final int SEED_BYTES = 32;

  public RepositoryDescriptor {
    if (chunkSeed.length() != SEED_BYTES) {
      throw new IllegalArgumentException(
          "chunk seed of %d bytes: expected %d".formatted(chunkSeed.length(), SEED_BYTES));
    }
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return "repository %s, format %d".formatted(id, formatVersion);
  }
}
