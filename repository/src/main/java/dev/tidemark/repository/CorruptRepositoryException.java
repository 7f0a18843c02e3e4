package dev.tidemark.repository;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.CorruptBlobException;

/** The repository's descriptor is damaged. */
public final class CorruptRepositoryException extends CorruptBlobException {
  CorruptRepositoryException(BlobName blob, String place, String what) {
    super(
        blob,
        ("Repository descriptor at %s is damaged: %s. Copy the file back from another copy of the"
                + " repository; no data is touched by this.")
            .formatted(place, what));
  }
}
