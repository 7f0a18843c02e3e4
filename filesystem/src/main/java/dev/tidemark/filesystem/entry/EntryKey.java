package dev.tidemark.filesystem.entry;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The key of an entry: directory id, 8 bytes, big-endian; then the bytes of the name, none for what
 * belongs to the directory itself. So the entries of a directory are neighbours, sorted by name.
 */
final class EntryKey {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private EntryKey() {}

  static byte[] of(long directory, byte[] name) {
    byte[] key = Arrays.copyOf(prefix(directory), Long.BYTES + name.length);
    System.arraycopy(name, 0, key, Long.BYTES, name.length);
    return key;
  }

  /** The smallest key of a directory. */
  static byte[] prefix(long directory) {
    if (directory < 0) {
      throw new IllegalArgumentException("A directory id is not negative: " + directory);
    }
    return encode(directory);
  }

  /**
   * Greater than every key of a directory. After the last id the top bit makes it greater still.
   */
  static byte[] end(long directory) {
    return encode(directory + 1);
  }

  static byte[] name(byte[] key) {
    return Arrays.copyOfRange(key, Long.BYTES, key.length);
  }

  private static byte[] encode(long number) {
    byte[] bytes = new byte[Long.BYTES];
    LONG.set(bytes, 0, number);
    return bytes;
  }
}
