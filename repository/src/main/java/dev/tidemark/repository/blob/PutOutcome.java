package dev.tidemark.repository.blob;

/** What a put did. */
public sealed interface PutOutcome {
  /** The blob is new, whole and durable. */
  record Stored() implements PutOutcome {}

  /** A blob of this name was there before, whole and durable; its bytes were not looked at. */
  record AlreadyPresent() implements PutOutcome {}

  /**
   * The request was sent and its answer lost: the blob may be there or not, durable or not. Put it
   * again.
   */
  record Unknown(String reason) implements PutOutcome {}
}
