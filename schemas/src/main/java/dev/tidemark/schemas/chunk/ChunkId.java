package dev.tidemark.schemas.chunk;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** SHA-256 of a chunk's plain bytes. Ordered as unsigned bytes, which is the order of the index. */
public final class ChunkId implements Comparable<ChunkId> {
  /** Length in bytes. */
  public static final int BYTES = 32;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final ThreadLocal<MessageDigest> SHA_256 =
      ThreadLocal.withInitial(ChunkId::newDigest);

  private final long first;
  private final long second;
  private final long third;
  private final long fourth;

  private ChunkId(byte[] bytes, int from) {
    first = (long) LONGS.get(bytes, from);
    second = (long) LONGS.get(bytes, from + 8);
    third = (long) LONGS.get(bytes, from + 16);
    fourth = (long) LONGS.get(bytes, from + 24);
  }

  /** Takes the 32 bytes of an id. */
  public static ChunkId of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException(
          "chunk id of %d bytes: expected %d".formatted(bytes.length, BYTES));
    }
    return new ChunkId(bytes, 0);
  }

  /** Takes 32 bytes out of a longer array. */
  public static ChunkId of(byte[] bytes, int from) {
    return new ChunkId(bytes, from);
  }

  /** Computes the id of plain bytes. */
  public static ChunkId computeOf(byte[] plain, int from, int length) {
    MessageDigest digest = SHA_256.get();
    digest.update(plain, from, length);
    return new ChunkId(digest.digest(), 0);
  }

  /** Computes the id of plain bytes. */
  public static ChunkId computeOf(byte[] plain) {
    return computeOf(plain, 0, plain.length);
  }

  /** Parses what {@link #toString()} printed. */
  public static ChunkId parse(String hex) {
    return of(HexFormat.of().parseHex(hex));
  }

  /** A fresh array of 32 bytes. */
  public byte[] bytes() {
    byte[] bytes = new byte[BYTES];
    copyTo(bytes, 0);
    return bytes;
  }

  /** Writes the 32 bytes of this id into {@code target}. */
  public void copyTo(byte[] target, int from) {
    LONGS.set(target, from, first);
    LONGS.set(target, from + 8, second);
    LONGS.set(target, from + 16, third);
    LONGS.set(target, from + 24, fourth);
  }

  /** The first byte, 0 to 255: the index's fan-out. */
  public int firstByte() {
    return (int) (first >>> 56);
  }

  @Override
  public int compareTo(ChunkId other) {
    int order = Long.compareUnsigned(first, other.first);
    if (order == 0) {
      order = Long.compareUnsigned(second, other.second);
    }
    if (order == 0) {
      order = Long.compareUnsigned(third, other.third);
    }
    return order == 0 ? Long.compareUnsigned(fourth, other.fourth) : order;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ChunkId id
        && first == id.first
        && second == id.second
        && third == id.third
        && fourth == id.fourth;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(first);
  }

  /** Lower-case hexadecimal, 64 digits. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes());
  }

  private static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
