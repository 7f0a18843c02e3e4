package dev.tidemark.filesystem.entry;

import java.io.IOException;
import java.nio.file.Path;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** Turns what RocksDB reports into what a caller can act on. */
final class Failures {
  /** As the kernel says it (strerror(3)); RocksDB passes it on. */
  private static final String NO_SPACE = "No space left on device";

  private Failures() {}

  /** A failure to open: one more cause is that the lock is held. */
  static IOException toOpen(Path folder, RocksDBException e) {
    String message = text(e);
    if (message.contains("lock hold by current process") || message.contains("While lock file")) {
      return new EntryStoreLockedException(folder, e);
    }
    // A file that another one names is gone: to RocksDB an IO error, to us damage.
    if (message.contains("No such file or directory")) {
      return new EntryStoreCorruptException(folder, message, e);
    }
    return during("open", folder, e);
  }

  static IOException during(String act, Path folder, RocksDBException e) {
    Status status = e.getStatus();
    if (status != null && status.getCode() == Status.Code.Corruption) {
      return new EntryStoreCorruptException(folder, text(e), e);
    }
    if (text(e).contains(NO_SPACE)) {
      return new IOException(
          "Could not %s the entry store in %s: no space left; make room there and start again (%s)"
              .formatted(act, folder, text(e)),
          e);
    }
    return new IOException(
        "Could not %s the entry store in %s: %s".formatted(act, folder, text(e)), e);
  }

  private static String text(RocksDBException e) {
    String message = e.getMessage();
    return message == null ? "no reason given" : message;
  }
}
