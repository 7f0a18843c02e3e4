package dev.tidemark.watcher.chunk;

import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.chunk.ChunkBounds;
import dev.tidemark.schemas.chunk.ChunkId;
import java.nio.ByteBuffer;

/**
 * FastCDC with normalised chunking, level 2, rolling two bytes at a time (Xia et al., "FastCDC: a
 * Fast and Efficient Content-Defined Chunking Approach", USENIX ATC 2016; "The Design of Fast
 * Content-Defined Chunking", IEEE TPDS 2020).
 *
 * <p>The fingerprint is {@code fp = (fp << 1) + gear[byte]}, beginning with 0 at the first byte
 * past the minimum. A chunk ends behind the byte at which {@code fp & mask} is 0. With an average
 * of 2ⁿ bytes the mask has n + 2 bits before the average and n − 2 after it; its bits are the
 * highest but one of the 64, downwards and without gaps (the highest is left free, so that rolling
 * two bytes at once finds the same cuts as one at a time). At the maximum a chunk ends anyway.
 *
 * <p>We differ from the papers in the place of the mask's bits, and in the gear table: entry i is
 * the i-th 8-byte big-endian word of SHA-256(seed ‖ 0), SHA-256(seed ‖ 1) … with 4-byte big-endian
 * counters, so that the sizes of chunks fingerprint nothing for those who do not know the seed.
 */
public final class Chunker {
  private static final int GEARS = 256;
  private static final int WORDS_PER_HASH = ChunkId.BYTES / Long.BYTES;
  private static final int HIGHEST_MASK_BIT = 62;
  private static final int NORMALISATION = 2;

  private final ChunkBounds bounds;
  private final long[] gear;
  private final long[] gearShifted;
  private final long hardMask;
  private final long easyMask;

  public Chunker(ChunkBounds bounds, Bytes seed) {
    this.bounds = bounds;
    this.gear = deriveGear(seed.toArray());
    this.gearShifted = new long[GEARS];
    for (int i = 0; i < GEARS; i++) {
      gearShifted[i] = gear[i] << 1;
    }
    int bits = Integer.numberOfTrailingZeros(bounds.averageBytes());
    this.hardMask = mask(bits + NORMALISATION);
    this.easyMask = mask(Math.max(1, bits - NORMALISATION));
  }

  public ChunkBounds bounds() {
    return bounds;
  }

  /**
   * The length of the chunk that begins at {@code from}.
   *
   * @param to end of the bytes at hand: at least the maximum past {@code from}, or the end of the
   *     content
   * @return 1 to the maximum; 0 only if there are no bytes
   */
  public int cut(byte[] bytes, int from, int to) {
    int available = to - from;
    if (available <= bounds.minBytes()) {
      return available;
    }
    int end = from + Math.min(available, bounds.maxBytes());
    int normal = Math.min(end, from + Math.max(bounds.averageBytes(), bounds.minBytes()));
    int start = from + bounds.minBytes();
    long fingerprint = 0;
    int i = start;
    long mask = hardMask;
    int stop = normal;
    while (true) {
      long shiftedMask = mask << 1;
      int pairs = i + ((stop - i) & ~1);
      while (i < pairs) {
        fingerprint = (fingerprint << 2) + gearShifted[bytes[i] & 0xff];
        if ((fingerprint & shiftedMask) == 0) {
          return i + 1 - from;
        }
        fingerprint += gear[bytes[i + 1] & 0xff];
        if ((fingerprint & mask) == 0) {
          return i + 2 - from;
        }
        i += 2;
      }
      if (i < stop) {
        fingerprint = (fingerprint << 1) + gear[bytes[i] & 0xff];
        i++;
        if ((fingerprint & mask) == 0) {
          return i - from;
        }
      }
      if (stop == end) {
        return end - from;
      }
      mask = easyMask;
      stop = end;
    }
  }

  private static long mask(int bits) {
    return ((1L << bits) - 1) << (HIGHEST_MASK_BIT + 1 - bits);
  }

  private static long[] deriveGear(byte[] seed) {
    long[] gear = new long[GEARS];
    for (int block = 0; block < GEARS / WORDS_PER_HASH; block++) {
      byte[] input =
          ByteBuffer.allocate(seed.length + Integer.BYTES).put(seed).putInt(block).array();
      ByteBuffer hash = ByteBuffer.wrap(ChunkId.computeOf(input).bytes());
      for (int word = 0; word < WORDS_PER_HASH; word++) {
        gear[block * WORDS_PER_HASH + word] = hash.getLong();
      }
    }
    return gear;
  }
}
