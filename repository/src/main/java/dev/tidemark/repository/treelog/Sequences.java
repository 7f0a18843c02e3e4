package dev.tidemark.repository.treelog;

import dev.tidemark.schemas.cursor.Cursor;

/** How the sequences of a tree go on: by one, or to the first of a later incarnation of the log. */
public final class Sequences {
  private Sequences() {}

  /** Whether {@code next} may directly follow {@code previous}; 0 stands before the first. */
  public static boolean follows(long previous, long next) {
    return next == previous + 1
        || next > previous && next % Cursor.INCARNATION == 1 && next > Cursor.INCARNATION;
  }
}
