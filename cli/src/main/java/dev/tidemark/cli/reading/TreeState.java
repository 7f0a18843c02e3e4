package dev.tidemark.cli.reading;

import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Fault;
import dev.tidemark.schemas.cursor.StandbyStatus;
import java.util.List;

/**
 * How one tree stands.
 *
 * @param accepted up to the last change in the log; without a log the last sealed one
 * @param sealed up to the last change in the repository
 * @param fault why it does not go on, of acceptance or else of sealing
 * @param standbys as they last reported, by name; none without a log
 */
public record TreeState(
    TreeName tree, Cursor accepted, Cursor sealed, Fault fault, List<StandbyStatus> standbys) {
  public TreeState {
    standbys = List.copyOf(standbys);
  }

  /** Changes that only the log holds. */
  public long unsealed() {
    return accepted.sequence() - sealed.sequence();
  }

  /** Whether a scan of the whole tree has been recorded. */
  public boolean isScanCompleted() {
    return accepted.scanCompleted() > 0;
  }
}
