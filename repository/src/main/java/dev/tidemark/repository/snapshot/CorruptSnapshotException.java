package dev.tidemark.repository.snapshot;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.CorruptBlobException;

/** A snapshot's or a manifest's bytes are not what was written, or a manifest is gone. */
public final class CorruptSnapshotException extends CorruptBlobException {
  CorruptSnapshotException(BlobName blob, String place, String what, Throwable cause) {
    super(blob, message(place, what), cause);
  }

  CorruptSnapshotException(BlobName blob, String place, String what) {
    super(blob, message(place, what));
  }

  private static String message(String place, String what) {
    return ("Snapshot blob at %s is damaged: %s. While the tree's log is whole nothing is lost:"
            + " readers use the snapshot before it and the log, and `tidemark repair` takes it out."
            + " Else copy the file back from another copy of the repository.")
        .formatted(place, what);
  }
}
