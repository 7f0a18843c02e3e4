package dev.tidemark.schemas.cursor;

import dev.tidemark.schemas.change.Epoch;
import dev.tidemark.schemas.cursor.Cursor.EpochEnd;
import dev.tidemark.schemas.cursor.Cursor.OpenScan;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The next cursor while it is being made: a copy of one, with fields to set. */
final class Draft {
  UUID changesTopic;
  int partition;
  long nextOffset;
  Epoch epoch;
  String host;
  long number;
  List<EpochEnd> ended;
  long sequence;
  long lastOffset;
  long logTimeMillis;
  Map<UUID, Long> terms;
  List<UUID> tags;
  OpenScan openScan;
  long scanCompleted;
  Fault fault;

  Draft(Cursor cursor) {
    changesTopic = cursor.changesTopic();
    partition = cursor.partition();
    nextOffset = cursor.nextOffset();
    epoch = cursor.epoch();
    host = cursor.host();
    number = cursor.number();
    ended = cursor.ended();
    sequence = cursor.sequence();
    lastOffset = cursor.lastOffset();
    logTimeMillis = cursor.logTimeMillis();
    terms = cursor.terms();
    tags = cursor.tags();
    openScan = cursor.openScan();
    scanCompleted = cursor.scanCompleted();
    fault = cursor.fault();
  }

  /** Accepts nothing more until an epoch begins. */
  Draft withoutEpoch() {
    epoch = Cursor.NO_EPOCH;
    host = "";
    number = 0;
    openScan = OpenScan.NONE;
    return this;
  }

  /** Counts one change. */
  Draft counted(long offset, long appendTimeMillis) {
    sequence++;
    lastOffset = offset;
    logTimeMillis = Math.max(logTimeMillis, appendTimeMillis);
    return this;
  }

  Cursor build() {
    return new Cursor(
        changesTopic,
        partition,
        nextOffset,
        epoch,
        host,
        number,
        ended,
        sequence,
        lastOffset,
        logTimeMillis,
        terms,
        tags,
        openScan,
        scanCompleted,
        fault);
  }
}
