package dev.tidemark.repository.verify;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Cursor;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;

/** The log of changes outside of the repository, as far back as it still goes. */
public interface LoggedChanges {
  /** For the report. */
  String name();

  /** Which log it is; offsets of another one mean nothing here. */
  UUID topic();

  /** In which partition a tree's changes lie. */
  int partitionOf(TreeName tree);

  /** The first offset that the log still has. */
  long firstOffset(int partition) throws IOException;

  /** How far the log says that a tree was sealed; empty if it says nothing. */
  Optional<Cursor> sealed(TreeName tree) throws IOException;

  /** Shows a tree's records from an offset on, in order, to the log's end as it is now. */
  void read(int partition, TreeName tree, long from, Visitor visitor) throws IOException;

  /** Takes records. */
  interface Visitor {
    /** Returns whether more are wanted. */
    boolean visit(long offset, long appendTimeMillis, Change change) throws IOException;
  }
}
