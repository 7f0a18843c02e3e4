package dev.tidemark.store.catalogue;

import java.time.Duration;

/**
 * Bounds of sealing.
 *
 * @param segmentBytes a segment is written once its changes weigh that much, by about what they
 *     take in memory
 * @param segmentChanges or are that many
 * @param flushInterval or that long after the first of them became sealable
 * @param reloadBytes weight of the changes that one reading of the log takes into memory
 */
public record SealLimits(
    long segmentBytes, int segmentChanges, Duration flushInterval, long reloadBytes) {
  public static SealLimits withFlushInterval(Duration flushInterval) {
    return new SealLimits(4 << 20, 10_000, flushInterval, 4 << 20);
  }
}
