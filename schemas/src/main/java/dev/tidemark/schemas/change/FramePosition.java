package dev.tidemark.schemas.change;

/** A frame's place in the chunks topic; which topic (by id) is said once for a whole change. */
public record FramePosition(int partition, long offset) {
  /** The place is not known: the frame is found by its id in the repository. */
  public static final FramePosition UNKNOWN = new FramePosition(-1, -1);

  public boolean isKnown() {
    return offset >= 0;
  }
}
