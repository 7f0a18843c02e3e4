package dev.tidemark.store.catalogue;

import dev.tidemark.schemas.change.Change.Frames;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.codec.UnreadableRecordException;
import dev.tidemark.schemas.cursor.Watermark;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/**
 * The newest watermarks, and what they say of a change. A view of the global store that a task
 * refreshes; owned by its stream thread.
 */
final class Watermarks {
  /** What the watermarks alone tell. */
  enum Answer {
    /** Everything that the change names is durable. */
    DURABLE,
    /** Not yet; ask again when the watermarks have moved. */
    WAIT,
    /** Positions do not decide: the repository must be asked for the ids. */
    ASK_BY_ID
  }

  private final UUID chunksTopic;
  private final int partitions;
  private final Map<Integer, byte[]> encoded = new HashMap<>();
  private final Map<Integer, Watermark> decoded = new HashMap<>();

  Watermarks(UUID chunksTopic, int partitions) {
    this.chunksTopic = chunksTopic;
    this.partitions = partitions;
  }

  /** True if a watermark has moved since the last call. */
  boolean refresh(ReadOnlyKeyValueStore<String, byte[]> store) throws UnreadableRecordException {
    boolean moved = false;
    for (int p = 0; p < partitions; p++) {
      byte[] value = store.get(Integer.toString(p));
      if (value != null && !Arrays.equals(value, encoded.get(p))) {
        decoded.put(p, Records.decodeWatermark(value));
        encoded.put(p, value);
        moved = true;
      }
    }
    return moved;
  }

  Answer judge(Frames frames, Optional<Content> content) {
    if (frames.isEmpty()) {
      return Answer.DURABLE;
    }
    if (!frames.chunksTopic().equals(chunksTopic)) {
      return Answer.ASK_BY_ID; // Its positions are of a topic that is gone.
    }
    boolean holes = false;
    for (FramePosition need : frames.needs()) {
      Watermark watermark = decoded.get(need.partition());
      if (watermark == null
          || !watermark.chunksTopic().equals(chunksTopic)
          || !watermark.reaches(need)) {
        return Answer.WAIT;
      }
      holes |=
          !watermark.holes().isEmpty() && watermark.holes().getFirst().first() <= need.offset();
    }
    return holes && content.map(this::mayMeetHole).orElse(true) ? Answer.ASK_BY_ID : Answer.DURABLE;
  }

  private boolean mayMeetHole(Content content) {
    for (Extent extent : content.extents()) {
      boolean met =
          switch (extent) {
            case Extent.Hole _ -> false;
            case Extent.Nested _ -> true; // Only the list itself knows what it names.
            case Extent.Chunk chunk -> isHole(chunk.position());
          };
      if (met) {
        return true;
      }
    }
    return false;
  }

  private boolean isHole(FramePosition position) {
    Watermark watermark = decoded.get(position.partition());
    return watermark != null && watermark.isHole(position);
  }
}
