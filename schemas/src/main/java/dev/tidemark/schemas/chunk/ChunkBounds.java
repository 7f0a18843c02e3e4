package dev.tidemark.schemas.chunk;

/**
 * How long chunks may be, in plain bytes. A file of at most {@code minBytes} is one chunk; no chunk
 * but a file's last is shorter than that, and none is longer than {@code maxBytes}, so that a frame
 * fits the broker's default record limit of 1 MiB.
 */
public record ChunkBounds(int minBytes, int averageBytes, int maxBytes) {
  /** 64 KiB, 256 KiB, 1,000,000 bytes. */
  public static final ChunkBounds DEFAULT = new ChunkBounds(64 << 10, 256 << 10, 1_000_000);

  public ChunkBounds {
    if (minBytes < 1
        || minBytes > averageBytes
        || averageBytes > maxBytes
        || maxBytes > 1_000_000
        || Integer.bitCount(averageBytes) != 1) {
      throw new IllegalArgumentException(
          ("chunk bounds %d, %d, %d: expected 1 <= min <= average <= max <= 1000000 and an"
                  + " average that is a power of two")
              .formatted(minBytes, averageBytes, maxBytes));
    }
  }
}
