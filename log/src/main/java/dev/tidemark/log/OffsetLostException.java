package dev.tidemark.log;

import java.io.IOException;

/**
 * The records from an offset on are not in the log any more: deleted by its retention (the offset
 * lies below the first one) or lost with its tail (it lies past the end). Where to go on is a
 * decision of the reader's owner; it is never made here.
 */
public final class OffsetLostException extends IOException {
  private static final long serialVersionUID = 1L;

  private final long wanted;
  private final long beginning;
  private final long end;

  OffsetLostException(String topic, int partition, long wanted, long beginning, long end) {
    super(
        ("%s, partition %d: offset %d is not in the log, which goes from %d to %d. %s The"
                + " repository holds what was sealed before: begin again from its newest snapshot.")
            .formatted(
                topic,
                partition,
                wanted,
                beginning,
                end,
                wanted < beginning
                    ? "Its records were older than the topic's retention."
                    : "The log lost its end, or the topic was made again."));
    this.wanted = wanted;
    this.beginning = beginning;
    this.end = end;
  }

  /** The offset that was asked for. */
  public long wanted() {
    return wanted;
  }

  /** The first offset that the log still has. */
  public long beginning() {
    return beginning;
  }

  /** One past the last offset of the log. */
  public long end() {
    return end;
  }
}
