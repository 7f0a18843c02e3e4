package dev.tidemark.store.pack;

import java.time.Duration;

/**
 * Bounds of the pack writer.
 *
 * @param packBytes a pack is uploaded once it holds that many frame bytes
 * @param flushInterval or that long after its first frame
 * @param maxHeldBytes frame bytes in the open pack and in flight; at least two packs
 * @param uploads packs in flight at once
 */
public record PackLimits(int packBytes, Duration flushInterval, long maxHeldBytes, int uploads) {
  public PackLimits {
    if (packBytes < 1
        || flushInterval.isNegative()
        || maxHeldBytes < 2L * packBytes
        || uploads < 1) {
      throw new IllegalArgumentException(
          ("pack of %d bytes, flush after %s, %d bytes held, %d uploads: expected at least 1 byte,"
                  + " no negative interval, two packs' bytes and 1 upload")
              .formatted(packBytes, flushInterval, maxHeldBytes, uploads));
    }
  }
}
