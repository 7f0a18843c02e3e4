package dev.tidemark.apply;

/**
 * How much is planned together: at first little, so that something is fetched soon; then twice as
 * much each time, up to a share of what may be held, so that the next plan is made meanwhile. The
 * larger a plan, the less of a pack is read for another one once more.
 */
final class PlanSize {
  private static final int PLANS_AT_ONCE = 4;
  private static final long FIRST_BYTES = 8 << 20;
  private static final int MAX_CHUNKS = 1 << 15;

  private final long mostBytes;
  private long bytes;

  /**
   * @param memoryBytes what may be held
   */
  PlanSize(long memoryBytes) {
    mostBytes = memoryBytes / PLANS_AT_ONCE;
    bytes = Math.min(FIRST_BYTES, mostBytes);
  }

  boolean isReached(long plannedBytes, int plannedChunks) {
    return plannedBytes >= bytes || plannedChunks >= MAX_CHUNKS;
  }

  /** A plan was made. */
  void planned() {
    bytes = Math.min(2 * bytes, mostBytes);
  }
}
