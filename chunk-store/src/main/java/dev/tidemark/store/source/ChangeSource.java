package dev.tidemark.store.source;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;

/** The changes topic, read again from an offset. Thread-safe. */
public interface ChangeSource {
  /** Receives one record; false ends the reading. */
  interface Visitor {
    boolean visit(long offset, long appendTimeMillis, Change change) throws IOException;
  }

  /**
   * Visits the readable changes of one tree whose offsets are in {@code [from, to)}, in order.
   *
   * @throws ChangesLostException if {@code from} lies before the first record kept
   * @throws IOException if the log cannot be read now; safe to retry
   */
  void read(int partition, TreeName tree, long from, long to, Visitor visitor) throws IOException;

  /** The first offset that the partition still holds. */
  long firstOffset(int partition) throws IOException;

  /** The offset that the partition's next record will get. */
  long endOffset(int partition) throws IOException;
}
