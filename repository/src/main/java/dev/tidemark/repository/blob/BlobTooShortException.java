package dev.tidemark.repository.blob;

import java.io.IOException;

/** A blob ends before the range that was asked for. */
public final class BlobTooShortException extends IOException {
  public BlobTooShortException(String place, long position, int length, long actualBytes) {
    super(
        "Blob at %s is %d bytes long: %d bytes from position %d were asked for."
            .formatted(place, actualBytes, length, position));
  }
}
