package dev.tidemark.apply;

import dev.tidemark.schemas.change.NodePath;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what happens, from all threads. */
final class SyncTally {
  private static final Logger log = LoggerFactory.getLogger(SyncTally.class);

  final LongAdder directories = new LongAdder();
  final LongAdder filesWritten = new LongAdder();
  final LongAdder othersWritten = new LongAdder();
  final LongAdder kept = new LongAdder();
  final LongAdder metadataChanged = new LongAdder();
  final LongAdder extras = new LongAdder();
  final LongAdder removed = new LongAdder();
  final LongAdder bytesWritten = new LongAdder();
  private final LongAdder failureCount = new LongAdder();
  private final List<SyncReport.Failure> failures = new ArrayList<>();

  void failed(NodePath path, Exception cause) {
    failureCount.increment();
    String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    synchronized (failures) {
      if (failures.size() < SyncReport.MAX_FAILURES) {
        failures.add(new SyncReport.Failure(path, message));
        log.atWarn().addKeyValue("path", path).addKeyValue("reason", message).log("entry not put");
      }
    }
  }

  SyncReport report(Losses losses) {
    synchronized (failures) {
      return new SyncReport(
          directories.sum(),
          filesWritten.sum(),
          othersWritten.sum(),
          kept.sum(),
          metadataChanged.sum(),
          extras.sum(),
          removed.sum(),
          bytesWritten.sum(),
          losses.list(),
          failureCount.sum(),
          failures);
    }
  }
}
