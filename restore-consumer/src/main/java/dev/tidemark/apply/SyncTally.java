package dev.tidemark.apply;

import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
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
  final LongAdder linked = new LongAdder();
  final LongAdder kept = new LongAdder();
  final LongAdder metadataChanged = new LongAdder();
  final LongAdder extras = new LongAdder();
  final LongAdder removed = new LongAdder();
  final LongAdder bytesWritten = new LongAdder();
  final LongAdder bytesReused = new LongAdder();
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

  /** What concerns one entry is noted; what would concern each of them ends the run. */
  void failOrEnd(NodePath path, IOException cause) throws IOException {
    if (cause instanceof TargetFullException) {
      throw cause;
    }
    if (cause instanceof SystemCallException call) {
      switch (call.errno()) {
        case EROFS, EIO, EMFILE, ENFILE, ENOMEM, ESTALE -> throw cause;
        default -> failed(path, cause);
      }
    } else {
      failed(path, cause);
    }
  }

  SyncReport report(Losses losses) {
    synchronized (failures) {
      return new SyncReport(
          directories.sum(),
          filesWritten.sum(),
          othersWritten.sum(),
          linked.sum(),
          kept.sum(),
          metadataChanged.sum(),
          extras.sum(),
          removed.sum(),
          bytesWritten.sum(),
          bytesReused.sum(),
          losses.list(),
          failureCount.sum(),
          failures);
    }
  }
}
