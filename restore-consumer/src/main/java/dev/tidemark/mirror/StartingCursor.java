package dev.tidemark.mirror;

import dev.tidemark.log.ChangeReader;
import dev.tidemark.log.LogRecord;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.cursor.Cursor;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether a mirror can go on in the log from what it has applied. */
final class StartingCursor {
  private static final Logger log = LoggerFactory.getLogger(StartingCursor.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final int POLLS = 25;

  private StartingCursor() {}

  /** How the log relates to what was applied. */
  enum Relation {
    /** What was applied last is on the log, and what follows it. */
    GOES_ON,
    /** The log no longer has what follows. */
    LOST_RANGE,
    /** Another log, or one that has lost its tail. */
    OTHER_LOG
  }

  static Relation relate(Cursor applied, UUID topic, ChangeReader reader) throws IOException {
    if (!applied.changesTopic().equals(topic)) {
      return Relation.OTHER_LOG;
    }
    long beginning = reader.beginningOffset();
    if (applied.nextOffset() > reader.endOffset()) {
      return Relation.OTHER_LOG;
    }
    if (applied.nextOffset() < beginning) {
      return Relation.LOST_RANGE;
    }
    if (applied.lastOffset() < beginning) {
      return Relation.GOES_ON;
    }
    return holdsLast(applied, reader) ? Relation.GOES_ON : Relation.OTHER_LOG;
  }

  /** A log that was truncated and written anew has other records at the same offsets. */
  private static boolean holdsLast(Cursor applied, ChangeReader reader) throws IOException {
    reader.seek(applied.lastOffset());
    for (int i = 0; i < POLLS; i++) {
      List<LogRecord> records = reader.poll(POLL);
      if (!records.isEmpty()) {
        LogRecord first = records.getFirst();
        boolean same = first.offset() == applied.lastOffset() && isLast(first.change(), applied);
        if (!same) {
          log.atWarn()
              .addKeyValue("offset", applied.lastOffset())
              .addKeyValue("found", first)
              .log("the log does not hold what was applied last");
        }
        return same;
      }
    }
    throw new IOException(
        "The broker did not answer with the record at offset %d within 5 s."
            .formatted(applied.lastOffset()));
  }

  private static boolean isLast(Change change, Cursor applied) {
    return switch (change.body()) {
      case Change.EpochStarted _ ->
          change.writer().equals(applied.epoch().writer())
              && applied.lastOffset() == applied.epoch().offset();
      case Change.Tag(UUID id, String _) -> applied.tags().contains(id);
      case Change.Heartbeat _ -> false;
      case Change.Put _,
          Change.Remove _,
          Change.Move _,
          Change.Exchange _,
          Change.Keep _,
          Change.ScanStarted _,
          Change.ScanCompleted _ ->
          change.epoch() == applied.epoch().offset()
              && change.writer().equals(applied.epoch().writer())
              && change.number() == applied.number();
    };
  }
}
