package dev.tidemark.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.log.LogRecord;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Cause;
import dev.tidemark.schemas.change.Change.Frames;
import dev.tidemark.schemas.change.Epoch;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.cursor.Cursor;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class ChangeBatchTest {
  private final List<LogRecord> records = new ArrayList<>();

  private void add(UUID writer, long epoch, long number, Change.Body body) {
    var change =
        new Change(SimulatedLog.TREE, epoch, number, writer, 0, Cause.LIVE, Frames.NONE, body);
    records.add(record(records.size(), change));
  }

  private static LogRecord record(long offset, Change change) {
    return new LogRecord(offset, 1_000 + offset, change.tree().value(), change);
  }

  @Test
  void aGapThatANewTermHealsInTheSameBatchIsTold() {
    var previous = new Change.Previous.None();
    var known = new Change.Previous.Known(new Epoch(0, new UUID(1, 1)));
    var remove = new Change.Remove(NodePath.ofText("a"));
    add(new UUID(1, 1), Change.NO_EPOCH, 0, new Change.EpochStarted("one", 1, previous, 0));
    add(new UUID(1, 1), 0, 1, remove);
    add(new UUID(1, 1), 0, 3, remove);
    add(new UUID(2, 2), Change.NO_EPOCH, 0, new Change.EpochStarted("two", 1, known, 1));

    Cursor start = Cursor.start(new UUID(3, 3), 0, 0);
    List<ChangeBatch> batches = ChangeBatch.judge(records, SimulatedLog.TREE, start);

    assertThat(batches).hasSize(1);
    ChangeBatch batch = batches.getFirst();
    assertThat(batch.readTo().fault().isNone()).as("the new term has healed it").isTrue();
    assertThat(batch.gap().detail()).as("what is missing").isNotEmpty();
    StatusBoard board = new StatusBoard(Clock.systemUTC());
    board.gap("");
    board.gap(batch.gap().detail());
    assertThat(board.gaps()).isEqualTo(new Gaps(1, batch.gap().detail()));
  }

  @Test
  void whatLiesBehindTheCutIsLeftToWhoReadsItAgain() {
    var previous = new Change.Previous.None();
    var known = new Change.Previous.Known(new Epoch(0, new UUID(1, 1)));
    var remove = new Change.Remove(NodePath.ofText("a"));
    add(new UUID(1, 1), Change.NO_EPOCH, 0, new Change.EpochStarted("one", 1, previous, 0));
    add(new UUID(1, 1), 0, 1, remove);
    add(new UUID(9, 9), 0, 1, remove);
    add(new UUID(1, 1), 0, 2, remove);
    add(new UUID(9, 9), 0, 2, remove);
    add(new UUID(1, 1), 0, 4, remove);
    add(new UUID(2, 2), Change.NO_EPOCH, 0, new Change.EpochStarted("two", 1, known, 2));
    Cursor start = Cursor.start(new UUID(3, 3), 0, 0);
    ChangeBatch all = ChangeBatch.judge(records, SimulatedLog.TREE, start).getFirst();
    assertThat(all.changes()).hasSize(4);

    for (int count = 0; count <= all.changes().size(); count++) {
      ChangeBatch first = all.first(count, start);
      List<ChangeBatch> rest = ChangeBatch.judge(records, SimulatedLog.TREE, first.readTo());

      long rejected = first.rejected() + rest.stream().mapToLong(ChangeBatch::rejected).sum();
      StatusBoard board = new StatusBoard(Clock.systemUTC());
      board.gap(first.gap().detail());
      rest.forEach(batch -> board.gap(batch.gap().detail()));
      assertThat(rejected).as("cut after %d", count).isEqualTo(all.rejected());
      assertThat(board.gaps().count()).as("cut after %d", count).isEqualTo(1);
    }
  }
}
