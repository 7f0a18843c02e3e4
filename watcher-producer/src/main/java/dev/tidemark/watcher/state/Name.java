package dev.tidemark.watcher.state;

import dev.tidemark.schemas.change.DisplayText;
import java.util.Arrays;

/**
 * The bytes of one name in a directory, with equality; empty only for the root of a tree. The bytes
 * are not copied.
 */
public final class Name implements Comparable<Name> {
  /** What the root is called in its imaginary parent. */
  public static final Name ROOT = new Name(new byte[0]);

  private final byte[] bytes;
  private final int hash;

  public Name(byte[] bytes) {
    this.bytes = bytes;
    this.hash = Arrays.hashCode(bytes);
  }

  /** Not to be changed. */
  public byte[] bytes() {
    return bytes;
  }

  public boolean startsWith(byte[] prefix) {
    return bytes.length >= prefix.length
        && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
  }

  @Override
  public int compareTo(Name other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Name name && hash == name.hash && Arrays.equals(bytes, name.bytes);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return DisplayText.of(bytes);
  }
}
