package dev.tidemark.repository.retention;

/**
 * What one run of retention did to one tree.
 *
 * @param rangesRemoved runs of sequences taken out of the log
 * @param rangesTakenBack of these, those that somebody has held meanwhile
 * @param segmentsDeleted segments of ranges that were taken out a grace ago
 */
public record RetentionReport(
    int snapshotsMade,
    int snapshotsDeleted,
    int rangesRemoved,
    int rangesTakenBack,
    int segmentsDeleted,
    long segmentBytesDeleted) {
  /** Both together. */
  public RetentionReport plus(RetentionReport other) {
    return new RetentionReport(
        snapshotsMade + other.snapshotsMade,
        snapshotsDeleted + other.snapshotsDeleted,
        rangesRemoved + other.rangesRemoved,
        rangesTakenBack + other.rangesTakenBack,
        segmentsDeleted + other.segmentsDeleted,
        segmentBytesDeleted + other.segmentBytesDeleted);
  }
}
