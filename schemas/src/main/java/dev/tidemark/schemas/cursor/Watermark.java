package dev.tidemark.schemas.cursor;

import dev.tidemark.schemas.change.FramePosition;
import java.util.List;
import java.util.UUID;

/**
 * Everything in one partition of the chunks topic up to {@code offset} is durable in the
 * repository, but for the holes.
 *
 * @param offset last one covered, −1 if none is
 * @param holes ascending, apart from each other
 */
public record Watermark(UUID chunksTopic, int partition, long offset, List<Range> holes) {
  /** Offsets, both ends included. */
  public record Range(long first, long last) {
    public boolean contains(long offset) {
      return first <= offset && offset <= last;
    }
  }

  public Watermark {
    holes = List.copyOf(holes);
  }

  /** Whether the watermark has reached {@code position}, in a hole or not. */
  public boolean reaches(FramePosition position) {
    return position.partition() == partition && position.offset() <= offset;
  }

  /** Whether {@code position} will never be durable. */
  public boolean isHole(FramePosition position) {
    return position.partition() == partition
        && holes.stream().anyMatch(hole -> hole.contains(position.offset()));
  }
}
