package dev.tidemark.repository.blob;

import java.io.IOException;

/** No blob has this name. */
public final class BlobMissingException extends IOException {
  private final BlobName blob;

  public BlobMissingException(BlobName blob, String place) {
    super(
        ("No blob at %s. If the repository was moved or copied, copy this file too; if its disk is"
                + " not mounted, mount it.")
            .formatted(place));
    this.blob = blob;
  }

  public BlobName blob() {
    return blob;
  }
}
