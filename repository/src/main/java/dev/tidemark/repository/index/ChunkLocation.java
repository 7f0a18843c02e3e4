package dev.tidemark.repository.index;

import dev.tidemark.repository.pack.PackId;
import dev.tidemark.schemas.frame.Frame;

/**
 * Where a chunk's frame lies.
 *
 * @param position of the frame's first byte in the pack
 * @param length of the frame in bytes
 */
public record ChunkLocation(PackId pack, int position, int length) {
  /** Whether a frame can be like that; an index tells what it likes. */
  public boolean isPossible() {
    return position > 0 && length > 0 && length <= Frame.MAX_BYTES;
  }
}
