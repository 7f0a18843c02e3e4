package dev.tidemark.schemas.tree;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Optional;

/**
 * What a tree is, in 32 bytes: equal for trees of equal paths, nodes and chunk ids, whatever the
 * order in which they came to be.
 *
 * <p>A directory's digest is the sum, modulo 2²⁵⁶, of the digests of the entries in it; an entry's
 * is a hash of its name, its node and, of a directory, its sum ({@link EntryDigest}). So a change
 * costs one hash for each directory above it, however many entries are in them, and a rename of a
 * directory costs nothing below it. The sum is AdHash (Bellare and Micciancio, "A New Paradigm for
 * Collision-Free Hashing", 1997): it finds faults, and is no proof against somebody who chooses
 * names in order to hit a sum.
 *
 * @param first the most significant of the four words
 */
public record TreeDigest(long first, long second, long third, long fourth) {
  /** Rises when the same tree gets another digest. */
  public static final int VERSION = 1;

  public static final int BYTES = 4 * Long.BYTES;

  /** Of no entries. */
  public static final TreeDigest EMPTY = new TreeDigest(0, 0, 0, 0);

  /**
   * Reads what {@link #bytes} gave.
   *
   * @throws IllegalArgumentException if it is not {@link #BYTES} long
   */
  public static TreeDigest of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException(
          "a digest of %d bytes: expected %d".formatted(bytes.length, BYTES));
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    return new TreeDigest(in.getLong(), in.getLong(), in.getLong(), in.getLong());
  }

  public byte[] bytes() {
    return ByteBuffer.allocate(BYTES)
        .putLong(first)
        .putLong(second)
        .putLong(third)
        .putLong(fourth)
        .array();
  }

  public TreeDigest plus(TreeDigest other) {
    long d = fourth + other.fourth;
    long carry = carryOf(fourth, other.fourth, d);
    long c = third + other.third + carry;
    carry = carryOf(third, other.third, c);
    long b = second + other.second + carry;
    carry = carryOf(second, other.second, b);
    return new TreeDigest(first + other.first + carry, b, c, d);
  }

  /** What adding two words, and a carry, leaves for the next word: the majority of the top bits. */
  private static long carryOf(long one, long other, long sum) {
    return (one & other | (one | other) & ~sum) >>> 63;
  }

  public TreeDigest minus(TreeDigest other) {
    // Two's complement: the inverse plus one.
    TreeDigest inverse = new TreeDigest(~other.first, ~other.second, ~other.third, ~other.fourth);
    return plus(inverse).plus(new TreeDigest(0, 0, 0, 1));
  }

  /** The digest of a whole tree, read once; holds one path of directories. */
  public static TreeDigest of(EntryStream entries) throws IOException {
    Deque<Level> open = new ArrayDeque<>();
    TreeDigest all = EMPTY;
    for (Optional<TreeEntry> next = entries.next(); next.isPresent(); next = entries.next()) {
      TreeEntry entry = next.get();
      while (!open.isEmpty() && !isDirectlyIn(open.element(), entry)) {
        all = close(open, all);
      }
      if (open.isEmpty() != entry.path().isRoot()) {
        throw new IllegalArgumentException(entry.path() + " comes before its directory");
      }
      open.push(new Level(entry));
    }
    while (!open.isEmpty()) {
      all = close(open, all);
    }
    return all;
  }

  private static boolean isDirectlyIn(Level level, TreeEntry entry) {
    return !entry.path().isRoot() && entry.path().parent().equals(level.entry.path());
  }

  private static TreeDigest close(Deque<Level> open, TreeDigest all) {
    Level level = open.pop();
    byte[] name = level.entry.path().isRoot() ? new byte[0] : level.entry.path().name();
    TreeDigest digest = EntryDigest.of(name, level.entry.node(), level.below);
    if (open.isEmpty()) {
      return all.plus(digest);
    }
    open.element().below = open.element().below.plus(digest);
    return all;
  }

  /** An entry whose descendants are being read. */
  private static final class Level {
    final TreeEntry entry;
    TreeDigest below = EMPTY;

    Level(TreeEntry entry) {
      this.entry = entry;
    }
  }

  /** Whether a digest that was shown was made as this version makes them. */
  public static boolean isComparable(String shown) {
    return shown.startsWith(VERSION + ":");
  }

  /** The version, a colon and 64 hexadecimal digits: equal for equal digests alone. */
  @Override
  public String toString() {
    return VERSION + ":" + HexFormat.of().formatHex(bytes());
  }
}
