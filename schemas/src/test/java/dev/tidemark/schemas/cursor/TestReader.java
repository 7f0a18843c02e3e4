package dev.tidemark.schemas.cursor;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Body;
import dev.tidemark.schemas.change.Change.Previous;
import dev.tidemark.schemas.change.Epoch;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import java.util.UUID;

/** A reader of one tree's log, to which a test appends record after record. */
final class TestReader {
  static final UUID TOPIC = new UUID(7, 7);
  static final UUID ADA = new UUID(0, 1);
  static final UUID BOB = new UUID(0, 2);
  static final Previous NOTHING = new Previous.None();

  private Cursor cursor;
  private long appendTimeMillis = 1000;

  TestReader() {
    this(Cursor.start(TOPIC, 0, 100));
  }

  TestReader(Cursor cursor) {
    this.cursor = cursor;
  }

  Cursor cursor() {
    return cursor;
  }

  void stand(Cursor newCursor) {
    cursor = newCursor;
  }

  /** The broker's time of the records that follow. */
  void clock(long millis) {
    appendTimeMillis = millis;
  }

  /** The epoch that begins with the next record. */
  Epoch nextEpoch(UUID writer) {
    return new Epoch(cursor.nextOffset(), writer);
  }

  Epoch begun(UUID writer, long term, Previous previous, long previousNumber) {
    Epoch epoch = nextEpoch(writer);
    begin(writer, term, previous, previousNumber);
    return epoch;
  }

  Verdict begin(UUID writer, long term, Previous previous, long previousNumber) {
    var body = new Change.EpochStarted("host", term, previous, previousNumber);
    return read(Change.NO_EPOCH, 0, writer, body);
  }

  Verdict change(Epoch epoch, long number) {
    return read(epoch, number, new Change.Remove(NodePath.ofText("f" + number)));
  }

  void changes(Epoch epoch, long first, long last) {
    for (long number = first; number <= last; number++) {
      change(epoch, number);
    }
  }

  Verdict heartbeat(Epoch epoch, long lastNumber) {
    return read(epoch, 0, new Change.Heartbeat(lastNumber));
  }

  Verdict tag(long id) {
    return read(Change.NO_EPOCH, 0, BOB, new Change.Tag(new UUID(9, id), "tag"));
  }

  Verdict read(Epoch epoch, long number, Body body) {
    return read(epoch.offset(), number, epoch.writer(), body);
  }

  private Verdict read(long epoch, long number, UUID writer, Body body) {
    var change =
        new Change(
            new TreeName("home"),
            epoch,
            number,
            writer,
            0,
            Change.Cause.LIVE,
            Change.Frames.NONE,
            body);
    Verdict verdict = cursor.accept(change, cursor.nextOffset(), appendTimeMillis);
    cursor = verdict.next();
    return verdict;
  }
}
