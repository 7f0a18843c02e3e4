package dev.tidemark.repository.index;

import dev.tidemark.schemas.chunk.ChunkId;
import java.nio.ByteBuffer;

/**
 * A set of chunk ids in a fixed number of bits, that may hold an id which was never added but never
 * lacks one that was: a Bloom filter (Bloom 1970), with two words of the id, which is a hash, and a
 * seed in place of hash functions. Two filters with different seeds err for different ids. Owned by
 * one thread.
 */
public final class ChunkFilter {
  private static final int HASHES = 8;
  private static final int BITS_PER_ID = 16;

  private final long[] words;
  private final long bits;
  private final long seed;
  private long added;

  /**
   * @param expected how many ids are likely
   * @param maxBytes bound of the memory, whatever is expected
   */
  public ChunkFilter(long expected, long maxBytes, long seed) {
    long wanted = Math.max(1 << 10, expected * BITS_PER_ID / Long.SIZE);
    words = new long[(int) Math.clamp(wanted, 1, Math.min(maxBytes / Long.BYTES, 1 << 28))];
    bits = (long) words.length * Long.SIZE;
    this.seed = seed;
  }

  public void add(ChunkId id) {
    ByteBuffer hash = ByteBuffer.wrap(id.bytes());
    long first = mix(hash.getLong(8) ^ seed);
    long step = mix(hash.getLong(16) + seed) | 1;
    for (int i = 0; i < HASHES; i++) {
      long bit = Long.remainderUnsigned(first + i * step, bits);
      words[(int) (bit >>> 6)] |= 1L << bit;
    }
    added++;
  }

  public boolean mayContain(ChunkId id) {
    ByteBuffer hash = ByteBuffer.wrap(id.bytes());
    long first = mix(hash.getLong(8) ^ seed);
    long step = mix(hash.getLong(16) + seed) | 1;
    for (int i = 0; i < HASHES; i++) {
      long bit = Long.remainderUnsigned(first + i * step, bits);
      if ((words[(int) (bit >>> 6)] & 1L << bit) == 0) {
        return false;
      }
    }
    return true;
  }

  /** The finishing step of SplitMix64. */
  private static long mix(long value) {
    long mixed = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
    return mixed ^ mixed >>> 31;
  }

  /** How many ids were added, repetitions included. */
  public long added() {
    return added;
  }

  /** The share of ids never added that seem to be in it. */
  public double overestimate() {
    long set = 0;
    for (long word : words) {
      set += Long.bitCount(word);
    }
    return Math.pow((double) set / bits, HASHES);
  }
}
