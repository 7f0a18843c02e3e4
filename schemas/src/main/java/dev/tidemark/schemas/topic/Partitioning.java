package dev.tidemark.schemas.topic;

import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkId;
import java.nio.charset.StandardCharsets;

/**
 * The partition of a key: murmur2 modulo a count that the repository's descriptor fixes, whatever a
 * tool's own partitioner does and however many partitions are added later. The hash is Kafka's
 * (MurmurHash2, 32 bits, seed 0x9747b28c, the sign bit cleared).
 */
public final class Partitioning {
  private static final int SEED = 0x9747b28c;
  private static final int MULTIPLIER = 0x5bd1e995;
  private static final int SHIFT = 24;

  private Partitioning() {}

  public static int of(ChunkId id, int partitions) {
    return of(id.bytes(), partitions);
  }

  public static int of(TreeName tree, int partitions) {
    return of(tree.value().getBytes(StandardCharsets.UTF_8), partitions);
  }

  public static int of(byte[] key, int partitions) {
    return (murmur2(key) & 0x7fffffff) % partitions;
  }

  static int murmur2(byte[] key) {
    int hash = SEED ^ key.length;
    int whole = key.length & ~3;
    for (int i = 0; i < whole; i += 4) {
      int word =
          (key[i] & 0xff)
              | (key[i + 1] & 0xff) << 8
              | (key[i + 2] & 0xff) << 16
              | (key[i + 3] & 0xff) << 24;
      word *= MULTIPLIER;
      word ^= word >>> SHIFT;
      word *= MULTIPLIER;
      hash *= MULTIPLIER;
      hash ^= word;
    }
    int rest = key.length - whole;
    for (int i = rest - 1; i >= 0; i--) {
      hash ^= (key[whole + i] & 0xff) << (8 * i);
    }
    if (rest > 0) {
      hash *= MULTIPLIER;
    }
    hash ^= hash >>> 13;
    hash *= MULTIPLIER;
    return hash ^ hash >>> 15;
  }
}
