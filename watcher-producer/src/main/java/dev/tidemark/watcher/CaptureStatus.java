package dev.tidemark.watcher;

import dev.tidemark.watcher.capture.CaptureMode;
import java.time.Duration;

/**
 * How a watcher finds changes.
 *
 * @param mode AUTO until it is decided
 * @param reason why it is this one, for a person
 * @param scanInterval between comparisons of the whole tree; zero where events tell of changes
 * @param intervalScans such comparisons that have ended
 * @param uncoveredDirectories whose events cannot be had, and which are compared at intervals
 * @param mountPoints below the root that are kept as empty directories
 */
public record CaptureStatus(
    CaptureMode mode,
    String reason,
    Duration scanInterval,
    long intervalScans,
    int uncoveredDirectories,
    int mountPoints) {
  /** In one line for a person. */
  public String describe() {
    return mode
        + (scanInterval.isZero() ? "" : " every %d s".formatted(scanInterval.toSeconds()))
        + " ("
        + reason
        + ")";
  }
}
