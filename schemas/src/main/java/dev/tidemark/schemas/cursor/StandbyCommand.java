package dev.tidemark.schemas.cursor;

import dev.tidemark.schemas.change.TreeName;
import java.util.UUID;

/**
 * What one standby is to carry out. Of several the newest counts.
 *
 * @param id by which it is taken once, and reported on
 * @param sequence where RESTORE puts the standby, resolved once for all standbys of one request
 * @param expiresMillis not taken after that, by the clock of who gives it; 0 for never
 */
public record StandbyCommand(
    UUID id, Kind kind, TreeName tree, String standby, long sequence, long expiresMillis) {
  /** What is asked for. */
  public enum Kind {
    /** Of a newer version: not carried out, and reported as failed. */
    UNKNOWN,
    /** Be the tree as it was at a sequence, and stay there. */
    RESTORE,
    /** Follow the tree again. */
    FOLLOW
  }

  /** The record's key. */
  public String key() {
    return StandbyStatus.key(tree, standby);
  }
}
