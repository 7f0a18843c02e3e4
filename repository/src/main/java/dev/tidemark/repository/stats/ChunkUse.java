package dev.tidemark.repository.stats;

import dev.tidemark.repository.cleanup.IndexWalk;
import dev.tidemark.repository.index.ChunkFilter;
import dev.tidemark.repository.index.ChunkIndex;
import dev.tidemark.repository.index.IndexBlob;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.util.List;

/**
 * Counts distinct chunks in bounded memory, and what they take in a repository. A chunk counts as
 * seen before with a small probability although it was not: {@link #error()} bounds it, which is
 * some millionths up to 16 million chunks. Owned by one thread.
 */
public final class ChunkUse {
  private static final long MAX_FILTER_BYTES = 64 << 20;

  /** Twice the bits that clean-up spends on an id. */
  private static final int SPARSENESS = 2;

  private static final long SEED = 0x7469_6465_6d61_726bL;

  private final List<IndexBlob> index;
  private final ChunkFilter seen;
  private long chunks;
  private long plainBytes;

  /**
   * What the chunks of an index take.
   *
   * @param chunks those that are in it
   * @param bytes sum of their frames' lengths, each counted once
   */
  public record Stored(long chunks, long bytes) {}

  private ChunkUse(List<IndexBlob> index, ChunkFilter seen) {
    this.index = index;
    this.seen = seen;
  }

  /** Begins to count. Reads the index whole, which a local store maps. */
  public static ChunkUse begin(ChunkIndex index) throws IOException {
    List<IndexBlob> blobs = index.blobs();
    long entries = blobs.stream().mapToLong(IndexBlob::size).sum();
    return new ChunkUse(blobs, new ChunkFilter(SPARSENESS * entries, MAX_FILTER_BYTES, SEED));
  }

  /** Counts a chunk of files. */
  public void add(ChunkId id, int bytes) {
    if (!seen.mayContain(id)) {
      chunks++;
      plainBytes += bytes;
      seen.add(id);
    }
  }

  /** Counts a chunk that is none of a file's bytes, for what it takes only. */
  public void addList(ChunkId id) {
    if (!seen.mayContain(id)) {
      chunks++;
      seen.add(id);
    }
  }

  /** Distinct chunks. */
  public long chunks() {
    return chunks;
  }

  /** Sum of the lengths of the distinct chunks of files. */
  public long plainBytes() {
    return plainBytes;
  }

  /** Looks all of them up, by going through the index once. */
  public Stored stored() throws IOException {
    long[] found = {0, 0};
    IndexWalk.run(
        index,
        (id, locations) -> {
          if (seen.mayContain(id)) {
            found[0]++;
            found[1] += locations.getFirst().length();
          }
        });
    return new Stored(found[0], found[1]);
  }

  /** The share of all chunks that may be missing in the counts of distinct ones. */
  public double error() {
    return seen.overestimate();
  }
}
