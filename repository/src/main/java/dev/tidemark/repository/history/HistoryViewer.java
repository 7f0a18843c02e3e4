package dev.tidemark.repository.history;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.tree.TreeBase;
import java.io.IOException;

/** Is shown a tree's history: every change that is kept, in order. For one thread. */
public interface HistoryViewer {
  /** The tree after what is shown, to be asked only where that alone does not tell. */
  interface After {
    /** Void after the next change. */
    TreeBase tree() throws IOException;
  }

  /** The last change that was shown, 0 if none was. */
  long lastSequence();

  /** Who writes at a place in the log, if the beginning of that term is not shown. */
  default void knowWriter(Cursor cursor) {}

  /** Shows the next change. */
  void show(long sequence, long logTimeMillis, Change change, After after) throws IOException;

  /** Shows an instant whose way there is not kept. */
  void showKept(long sequence, long logTimeMillis, After after) throws IOException;
}
