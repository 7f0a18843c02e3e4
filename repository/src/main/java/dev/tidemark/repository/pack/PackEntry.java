package dev.tidemark.repository.pack;

import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.frame.Frame;

/**
 * A chunk on its way into a pack. The frame is not copied: it must not change until the pack is
 * stored.
 */
public final class PackEntry {
  private final ChunkId id;
  private final byte[] frame;

  public PackEntry(ChunkId id, byte[] frame) {
    if (frame.length < 1 || frame.length > Frame.MAX_BYTES) {
      throw new IllegalArgumentException(
          "frame of chunk %s is %d bytes: expected 1 to %d"
              .formatted(id, frame.length, Frame.MAX_BYTES));
    }
    this.id = id;
    this.frame = frame;
  }

  public ChunkId id() {
    return id;
  }

  /** Not a copy. */
  public byte[] frame() {
    return frame;
  }
}
