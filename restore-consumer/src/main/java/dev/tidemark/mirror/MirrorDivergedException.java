package dev.tidemark.mirror;

import java.io.IOException;

/**
 * A change does not fit what this mirror has applied: log and state are not of one history.
 * Applying it again does not help; a new start from the repository does.
 */
final class MirrorDivergedException extends IOException {
  MirrorDivergedException(long sequence, String what) {
    super("change %d does not fit what this standby has applied: %s".formatted(sequence, what));
  }
}
