package dev.tidemark.watcher.state;

import dev.tidemark.schemas.change.FramePosition;
import java.nio.ByteBuffer;

/**
 * What is known of a chunk that the tree has named.
 *
 * @param position where its frame was last acknowledged
 * @param holders how many published and acknowledged nodes (or lists that are themselves held) name
 *     it; never more than there are, sometimes fewer: fewer costs a transfer, more would lose data
 */
public record ChunkState(FramePosition position, long holders) {
  /** Whether a put may name the chunk without sending its body. */
  public boolean isLive() {
    return holders > 0;
  }

  byte[] encode() {
    return new EntryRecord.Varints(16)
        .unsigned(position.partition())
        .unsigned(position.offset())
        .unsigned(holders)
        .bytes();
  }

  static ChunkState decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    return new ChunkState(
        new FramePosition((int) EntryRecord.Varints.unsigned(in), EntryRecord.Varints.unsigned(in)),
        EntryRecord.Varints.unsigned(in));
  }
}
