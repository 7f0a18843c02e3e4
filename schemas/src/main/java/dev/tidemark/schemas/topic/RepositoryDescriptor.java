package dev.tidemark.schemas.topic;

import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.chunk.ChunkBounds;
import dev.tidemark.schemas.cursor.Cursor;
import java.util.Optional;
import java.util.UUID;

/**
 * What every part must agree on: kept in the repository, published in the topic {@code repository}.
 *
 * @param chunkSeed secret: the chunker's gear table is derived from it, so that chunk sizes
 *     fingerprint nothing
 * @param chunksPartitions the count by which keys of {@code chunks} are partitioned
 * @param changesPartitions the count by which keys of {@code changes} are partitioned
 * @param sequencesAfter sequences of its trees begin above this: 0, or above all that the lost
 *     repository has given
 * @param replaces the lost repository in whose place it was made
 */
public record RepositoryDescriptor(
    UUID id,
    int formatVersion,
    long createdMillis,
    ChunkBounds chunkBounds,
    Bytes chunkSeed,
    int chunksPartitions,
    int changesPartitions,
    long sequencesAfter,
    Optional<UUID> replaces) {
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

  /** Of a repository that takes nobody's place. */
  public RepositoryDescriptor(
      UUID id,
      int formatVersion,
      long createdMillis,
      ChunkBounds chunkBounds,
      Bytes chunkSeed,
      int chunksPartitions,
      int changesPartitions) {
    this(
        id,
        formatVersion,
        createdMillis,
        chunkBounds,
        chunkSeed,
        chunksPartitions,
        changesPartitions,
        0,
        Optional.empty());
  }

  /**
   * Of the repository that takes the place of this one, which is lost. What is cut and counted by
   * stays; sequences begin in an incarnation of which nobody has seen any.
   *
   * @param lastSequence the greatest that a tree of this one has been given
   */
  public RepositoryDescriptor successor(UUID newId, long newCreatedMillis, long lastSequence) {
    return new RepositoryDescriptor(
        newId,
        FORMAT_VERSION,
        newCreatedMillis,
        chunkBounds,
        chunkSeed,
        chunksPartitions,
        changesPartitions,
        Math.max(sequencesAfter, Cursor.endOfIncarnation(lastSequence)),
        Optional.of(id));
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return "repository %s, format %d".formatted(id, formatVersion);
  }
}
