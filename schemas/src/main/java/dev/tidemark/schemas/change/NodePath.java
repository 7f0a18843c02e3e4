package dev.tidemark.schemas.change;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a path relative to its tree's root: names of 1 to 255 bytes with {@code '/'} between
 * them, empty for the root itself; no name is {@code .} or {@code ..} or holds NUL. Never decoded
 * except for display.
 *
 * <p>The order is the order of a walk: a directory stands directly before everything below it,
 * because {@code '/'} sorts before every other byte.
 */
public final class NodePath implements Comparable<NodePath> {
  /** The tree's root directory. */
  public static final NodePath ROOT = new NodePath(new byte[0]);

  /** Longest name that Linux file systems take, in bytes. */
  public static final int MAX_NAME_BYTES = 255;

  private final byte[] bytes;

  private NodePath(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Copies and checks {@code bytes}.
   *
   * @throws IllegalArgumentException if they are no path as described above
   */
  public static NodePath of(byte[] bytes) {
    if (bytes.length == 0) {
      return ROOT;
    }
    int start = 0;
    for (int i = 0; i <= bytes.length; i++) {
      if (i == bytes.length || bytes[i] == '/') {
        requireName(bytes, start, i);
        start = i + 1;
      }
    }
    return new NodePath(bytes.clone());
  }

  /** The UTF-8 form of {@code text}, for tests and command lines. */
  public static NodePath ofText(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  private static void requireName(byte[] bytes, int from, int to) {
    int length = to - from;
    boolean dots =
        length == 1 && bytes[from] == '.'
            || length == 2 && bytes[from] == '.' && bytes[from + 1] == '.';
    boolean nul = false;
    for (int i = from; i < to; i++) {
      nul |= bytes[i] == 0;
    }
    if (length < 1 || length > MAX_NAME_BYTES || dots || nul) {
      throw new IllegalArgumentException(
          ("path \"%s\": the name at byte %d is empty, longer than 255 bytes, '.', '..' or holds"
                  + " NUL")
              .formatted(DisplayText.of(bytes), from));
    }
  }

  /** A fresh copy. */
  public byte[] bytes() {
    return bytes.clone();
  }

  public int length() {
    return bytes.length;
  }

  public boolean isRoot() {
    return bytes.length == 0;
  }

  /** The directory that holds this entry. The root has none. */
  public NodePath parent() {
    if (isRoot()) {
      throw new IllegalStateException("the root of a tree has no parent");
    }
    int slash = lastSlash();
    return slash < 0 ? ROOT : new NodePath(Arrays.copyOf(bytes, slash));
  }

  /** The last name, a fresh array; empty for the root. */
  public byte[] name() {
    return Arrays.copyOfRange(bytes, lastSlash() + 1, bytes.length);
  }

  /** {@link #name()} as a value. */
  public Bytes lastName() {
    return Bytes.wrap(name());
  }

  /** The names from the root down; none for the root itself. */
  public List<Bytes> names() {
    if (isRoot()) {
      return List.of();
    }
    List<Bytes> names = new ArrayList<>();
    for (int start = 0; start <= bytes.length; start = endOfName(start) + 1) {
      names.add(Bytes.wrap(Arrays.copyOfRange(bytes, start, endOfName(start))));
    }
    return names;
  }

  /** The name directly below {@code directory} on the way to this path, which must be below it. */
  public Bytes nameBelow(NodePath directory) {
    if (!directory.contains(this) || bytes.length == directory.bytes.length) {
      throw new IllegalArgumentException("%s is not below %s".formatted(this, directory));
    }
    int start = directory.isRoot() ? 0 : directory.bytes.length + 1;
    return Bytes.wrap(Arrays.copyOfRange(bytes, start, endOfName(start)));
  }

  private int endOfName(int start) {
    int end = start;
    while (end < bytes.length && bytes[end] != '/') {
      end++;
    }
    return end;
  }

  private int lastSlash() {
    int i = bytes.length - 1;
    while (i >= 0 && bytes[i] != '/') {
      i--;
    }
    return i;
  }

  /** The entry {@code name} of this directory. */
  public NodePath child(byte[] name) {
    requireName(name, 0, name.length);
    for (byte b : name) {
      if (b == '/') {
        throw new IllegalArgumentException("name \"%s\" holds '/'".formatted(DisplayText.of(name)));
      }
    }
    return isRoot() ? new NodePath(name.clone()) : join(bytes, name);
  }

  /** The entry {@code name} of this directory. */
  public NodePath child(Bytes name) {
    return child(name.toArray());
  }

  /** This path itself, or one below it. */
  public boolean contains(NodePath other) {
    return isRoot()
        || Arrays.mismatch(bytes, other.bytes) == -1
        || other.bytes.length > bytes.length
            && other.bytes[bytes.length] == '/'
            && Arrays.equals(bytes, 0, bytes.length, other.bytes, 0, bytes.length);
  }

  /** Where this path stands after its ancestor-or-self {@code from} has become {@code to}. */
  public NodePath rebase(NodePath from, NodePath to) {
    if (!from.contains(this)) {
      throw new IllegalArgumentException("%s is not below %s".formatted(this, from));
    }
    if (bytes.length == from.bytes.length) {
      return to;
    }
    int start = from.isRoot() ? 0 : from.bytes.length + 1;
    byte[] rest = Arrays.copyOfRange(bytes, start, bytes.length);
    return to.isRoot() ? new NodePath(rest) : join(to.bytes, rest);
  }

  private static NodePath join(byte[] directory, byte[] rest) {
    byte[] joined = Arrays.copyOf(directory, directory.length + 1 + rest.length);
    joined[directory.length] = '/';
    System.arraycopy(rest, 0, joined, directory.length + 1, rest.length);
    return new NodePath(joined);
  }

  @Override
  public int compareTo(NodePath other) {
    int i = Arrays.mismatch(bytes, other.bytes);
    if (i < 0) {
      return 0;
    }
    if (i == bytes.length || i == other.bytes.length) {
      return bytes.length - other.bytes.length;
    }
    return rank(bytes[i]) - rank(other.bytes[i]);
  }

  private static int rank(byte b) {
    return b == '/' ? 0 : b & 0xff;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof NodePath path && Arrays.equals(bytes, path.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** For display only. */
  @Override
  public String toString() {
    return isRoot() ? "." : DisplayText.of(bytes);
  }
}
