package dev.tidemark.watcher.state;

import java.nio.ByteBuffer;

/** A place in the tree that a rename of its directory does not change. */
public record EntryKey(long directory, Name name) {
  /** The root of the tree, in its imaginary parent. */
  public static final EntryKey ROOT = new EntryKey(0, Name.ROOT);

  /** Directory id, 8 bytes big-endian; the name. */
  byte[] encode() {
    return ByteBuffer.allocate(Long.BYTES + name.bytes().length)
        .putLong(directory)
        .put(name.bytes())
        .array();
  }

  static EntryKey decode(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    long directory = buffer.getLong();
    byte[] name = new byte[buffer.remaining()];
    buffer.get(name);
    return new EntryKey(directory, new Name(name));
  }
}
