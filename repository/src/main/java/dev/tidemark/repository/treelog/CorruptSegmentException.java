package dev.tidemark.repository.treelog;

import dev.tidemark.repository.blob.CorruptBlobException;

/** A log segment's bytes are not what was sealed. */
public final class CorruptSegmentException extends CorruptBlobException {
  private final SegmentName segment;

  CorruptSegmentException(SegmentName segment, String place, String what, Throwable cause) {
    super(segment.blobName(), message(segment, place, what), cause);
    this.segment = segment;
  }

  CorruptSegmentException(SegmentName segment, String place, String what) {
    super(segment.blobName(), message(segment, place, what));
    this.segment = segment;
  }

  private static String message(SegmentName segment, String place, String what) {
    return ("Log segment at %s is damaged: %s. The instants from change %d to change %d of tree %s"
            + " need it: `tidemark repair` makes it again while Kafka has its changes; else"
            + " copy the file back from another copy of the repository. Instants before it, and"
            + " those from the next snapshot on, can still be restored with `tidemark restore"
            + " --at`.")
        .formatted(place, what, segment.first(), segment.last(), segment.tree());
  }

  public SegmentName segment() {
    return segment;
  }
}
