package dev.tidemark.schemas.change;

import java.util.UUID;

/**
 * A change with its place in its tree's history.
 *
 * @param logTimeMillis effective log time
 */
public record SealedChange(long sequence, long logTimeMillis, Origin origin, Change change) {
  /**
   * Where a change stood in the log. Two records of one sequence with different origins are a
   * fault.
   */
  public record Origin(UUID changesTopic, int partition, long offset, Epoch epoch) {}
}
