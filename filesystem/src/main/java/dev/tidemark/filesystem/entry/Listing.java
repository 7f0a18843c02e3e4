package dev.tidemark.filesystem.entry;

import java.io.IOException;

/**
 * The entries of one directory, as they were when it was listed; later writes do not show. For one
 * thread. Must be closed: it holds back the clean-up of what it shows.
 */
public final class Listing implements AutoCloseable {
  private final Cursor cursor;

  Listing(Cursor cursor) {
    this.cursor = cursor;
  }

  /** Goes to the next entry, at first to the first one; false when there is none. */
  public boolean next() throws IOException {
    return cursor.next();
  }

  /** The name of the entry, a fresh array. */
  public byte[] name() {
    return EntryKey.name(cursor.key());
  }

  /** The value of the entry, a fresh array. */
  public byte[] value() {
    return cursor.value();
  }

  @Override
  public void close() {
    cursor.close();
  }
}
