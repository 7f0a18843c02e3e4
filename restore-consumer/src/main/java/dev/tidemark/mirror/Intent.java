package dev.tidemark.mirror;

import java.nio.ByteBuffer;

/**
 * A move or exchange that was about to be made: whether it was is told by where the inodes are.
 *
 * @param sequence of the change; 0 if there is none
 * @param fromInode of what stood at the first path
 */
record Intent(long sequence, long fromInode) {
  static final Intent NONE = new Intent(0, 0);

  byte[] encode() {
    return ByteBuffer.allocate(16).putLong(sequence).putLong(fromInode).array();
  }

  static Intent decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    return new Intent(in.getLong(), in.getLong());
  }
}
