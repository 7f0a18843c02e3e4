package dev.tidemark.schemas.change;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * One event of one tree.
 *
 * @param epoch offset of the EPOCH_STARTED of this change's epoch; {@link #NO_EPOCH} in an
 *     EPOCH_STARTED and in a tag
 * @param number place in the epoch: 1, 2, 3 …; 0 for EPOCH_STARTED, tags and heartbeats
 * @param capturedAtMicros by the writer's clock, for display
 * @param frames what the change needs of the chunks topic
 */
public record Change(
    TreeName tree,
    long epoch,
    long number,
    UUID writer,
    long capturedAtMicros,
    Cause cause,
    Frames frames,
    Body body) {
  public static final long NO_EPOCH = -1;

  /** Why the writer looked. */
  public enum Cause {
    LIVE,
    SCAN,
    RECONCILE
  }

  /**
   * The frames that a change names, extent lists included.
   *
   * @param chunksTopic Kafka's id of the topic in which all positions lie
   * @param needs per partition the highest offset; empty if the change names no chunk
   * @param oldestMillis broker time of the oldest of them; 0 if there is none
   */
  public record Frames(UUID chunksTopic, List<FramePosition> needs, long oldestMillis) {
    public static final Frames NONE = new Frames(new UUID(0, 0), List.of(), 0);

    public Frames {
      needs = List.copyOf(needs);
    }

    public boolean isEmpty() {
      return needs.isEmpty();
    }
  }

  /** What happened. */
  public sealed interface Body {}

  /** The entry at path is now this node. Not recursive. */
  public record Put(NodePath path, Node node) implements Body {}

  /** The entry and all below it are gone. */
  public record Remove(NodePath path) implements Body {}

  /** A rename inside the tree; what stood at {@code to} is replaced. */
  public record Move(NodePath from, NodePath to) implements Body {}

  /** The two entries, with all below them, change places. */
  public record Exchange(NodePath first, NodePath second) implements Body {}

  /** In a full scan: this directory could not be listed; what stands below it stays. */
  public record Keep(NodePath path) implements Body {}

  /** Not about an entry. */
  public sealed interface Mark extends Body {}

  /**
   * A writer begins a term; the offset of this record is the epoch.
   *
   * @param term the writer's own counter, durable before this was sent
   * @param previous the epoch that this writer knows before this one
   * @param previousNumber last number of its contiguous acknowledged prefix, as this writer knows
   *     it
   */
  public record EpochStarted(String host, long term, Previous previous, long previousNumber)
      implements Mark {}

  /** What a writer knows of the epoch before its own. */
  public sealed interface Previous {
    record None() implements Previous {}

    record Known(Epoch epoch) implements Previous {}
  }

  public record ScanStarted(ScanKind kind) implements Mark {}

  public record ScanCompleted(ScanKind kind) implements Mark {}

  /** A named instant. */
  public record Tag(UUID id, String label) implements Mark {}

  /**
   * @param lastNumber the last number handed to the same producer
   */
  public record Heartbeat(long lastNumber) implements Mark {}

  public enum ScanKind {
    /** Only what differs from the writer's memory of the tree is put or removed. */
    DIFFERENCE,
    /** Everything is put; what was not is gone at the end. */
    FULL
  }

  /** The epoch that a mark of this change begins, once the broker has given its offset. */
  public Optional<Epoch> epochBegunAt(long offset) {
    return body instanceof EpochStarted ? Optional.of(new Epoch(offset, writer)) : Optional.empty();
  }
}
