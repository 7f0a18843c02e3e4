package dev.tidemark.browse;

import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Fault;
import dev.tidemark.schemas.cursor.StandbyStatus;
import java.util.List;
import java.util.UUID;

/**
 * How far one tree has come. Times are effective log times in milliseconds, 0 where there is none.
 *
 * @param epoch offset of the record that began the writer's term, −1 before the first
 * @param lastSequence of the last accepted change; equal to {@code sealedSequence} where no log was
 *     asked
 * @param lastHeartbeat log time of the writer's last record; 0 where no log was asked
 * @param scanCompleted sequence of the last completed scan, 0 if none has
 * @param fault of the log; of the sealing where that has none
 */
public record TreeStatus(
    TreeName tree,
    long epoch,
    UUID writer,
    String writerHost,
    long lastSequence,
    long lastLogTime,
    long lastHeartbeat,
    long sealedSequence,
    long sealedLogTime,
    long scanCompleted,
    Fault fault,
    long rejected,
    List<StandbyStatus> standbys) {
  public TreeStatus {
    standbys = List.copyOf(standbys);
  }

  static TreeStatus sealed(TreeName tree, Cursor sealed) {
    return of(tree, sealed, sealed, 0, sealed.fault(), 0, List.of());
  }

  static TreeStatus of(
      TreeName tree,
      Cursor accepted,
      Cursor sealed,
      long lastHeartbeat,
      Fault fault,
      long rejected,
      List<StandbyStatus> standbys) {
    return new TreeStatus(
        tree,
        accepted.epoch().offset(),
        accepted.epoch().writer(),
        accepted.host(),
        accepted.sequence(),
        accepted.logTimeMillis(),
        lastHeartbeat,
        sealed.sequence(),
        sealed.logTimeMillis(),
        accepted.scanCompleted(),
        fault,
        rejected,
        standbys);
  }
}
