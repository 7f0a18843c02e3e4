package dev.tidemark.repository.index;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.CorruptBlobException;

/** An index blob's bytes are not what was stored. Nothing is lost: the packs tell the same. */
public final class CorruptIndexException extends CorruptBlobException {
  public CorruptIndexException(BlobName blob, String place, String what) {
    super(
        blob,
        ("Index blob at %s is damaged: %s. Nothing is lost: what it held is read from the packs"
             + " again, and the file replaced by the next `tidemark store`, or any command that may"
             + " write there.")
            .formatted(place, what));
  }
}
