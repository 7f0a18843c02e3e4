package dev.tidemark.filesystem.entry;

import java.io.IOException;

/**
 * The pairs of a table in order of key, as they were when the scan began. For one thread. Must be
 * closed: it holds back the clean-up of what it shows.
 */
public final class TableScan implements AutoCloseable {
  private final Cursor cursor;

  TableScan(Cursor cursor) {
    this.cursor = cursor;
  }

  /** Goes to the next pair, at first to the first one; false when there is none. */
  public boolean next() throws IOException {
    return cursor.next();
  }

  /** The key, a fresh array. */
  public byte[] key() {
    return cursor.key();
  }

  /** The value, a fresh array. */
  public byte[] value() {
    return cursor.value();
  }

  @Override
  public void close() {
    cursor.close();
  }
}
