package dev.tidemark.repository.index;

import dev.tidemark.schemas.chunk.ChunkId;
import java.nio.ByteBuffer;

/** A chunk id as four words, taken apart once for a search through many blobs. */
record IdKey(int firstByte, long first, long second, long third, long fourth) {
  static IdKey of(ChunkId id) {
    ByteBuffer words = ByteBuffer.wrap(id.bytes());
    return new IdKey(
        id.firstByte(), words.getLong(), words.getLong(), words.getLong(), words.getLong());
  }

  /** Where the id stands among all that have its first byte, from 0 up to 1. */
  double fractionBehindFirstByte() {
    long behind = first << 8 | second >>> 56;
    return (behind >>> 11) * 0x1.0p-53;
  }

  /** The order of the id that stands at {@code at} against this one. */
  int compareAt(ByteBuffer bytes, int at) {
    int order = Long.compareUnsigned(bytes.getLong(at), first);
    if (order == 0) {
      order = Long.compareUnsigned(bytes.getLong(at + 8), second);
    }
    if (order == 0) {
      order = Long.compareUnsigned(bytes.getLong(at + 16), third);
    }
    return order == 0 ? Long.compareUnsigned(bytes.getLong(at + 24), fourth) : order;
  }
}
