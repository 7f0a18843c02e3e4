package dev.tidemark.mirror;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.cursor.Cursor;

/**
 * A change that counts.
 *
 * @param after where the reader stands once it is applied
 * @param appendedMillis broker time of its record
 */
record Accepted(Change change, Cursor after, long appendedMillis) {
  long sequence() {
    return after.sequence();
  }
}
