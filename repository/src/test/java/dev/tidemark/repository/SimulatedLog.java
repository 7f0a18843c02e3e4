package dev.tidemark.repository;

import dev.tidemark.repository.verify.LoggedChanges;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Cursor;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The log of one tree, of one partition.
 *
 * @param firstOffset what is before is not there any more
 * @param changes those of other topics are not in it
 * @param sealed what the log says was sealed
 */
public record SimulatedLog(
    UUID topic, long firstOffset, List<SealedChange> changes, Optional<Cursor> sealed)
    implements LoggedChanges {
  /** The whole log of a tree all of whose changes are sealed. */
  public static SimulatedLog of(SimulatedTree tree) {
    Cursor end = tree.cursor();
    return new SimulatedLog(end.changesTopic(), 0, tree.logged(), Optional.of(end));
  }

  /** As it is once retention has taken its beginning. */
  public SimulatedLog from(long offset) {
    return new SimulatedLog(topic, offset, changes, sealed);
  }

  @Override
  public String name() {
    return "the log";
  }

  @Override
  public int partitionOf(TreeName tree) {
    return 0;
  }

  @Override
  public long firstOffset(int partition) {
    return firstOffset;
  }

  @Override
  public Optional<Cursor> sealed(TreeName tree) {
    return sealed;
  }

  @Override
  public void read(int partition, TreeName tree, long from, Visitor visitor) throws IOException {
    for (SealedChange change : changes) {
      long offset = change.origin().offset();
      boolean isThere =
          change.origin().changesTopic().equals(topic) && offset >= Math.max(from, firstOffset);
      if (isThere && !visitor.visit(offset, change.logTimeMillis(), change.change())) {
        return;
      }
    }
  }
}
