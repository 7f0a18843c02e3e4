package dev.tidemark.filesystem.linux;

import java.io.ByteArrayOutputStream;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A path as the kernel takes it: bytes, at least one, none of them NUL. Never decoded, except by
 * {@link #toString} for display.
 */
public final class NativePath {
  private final byte[] bytes;

  private NativePath(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * The path of these bytes, which are copied.
   *
   * @throws IllegalArgumentException if there are none, or a NUL is among them
   */
  public static NativePath of(byte[] bytes) {
    if (bytes.length == 0) {
      throw new IllegalArgumentException("A path needs at least one byte");
    }
    for (byte b : bytes) {
      if (b == 0) {
        throw new IllegalArgumentException(
            "A path cannot hold a NUL byte: " + EscapedBytes.display(bytes));
      }
    }
    return new NativePath(bytes.clone());
  }

  /**
   * The absolute path of {@code path}, with the very bytes it was made of, also where they are not
   * text in the platform's encoding.
   *
   * @throws IllegalArgumentException if {@code path} is not of the default file system
   */
  public static NativePath of(Path path) {
    if (!path.getFileSystem().equals(FileSystems.getDefault())) {
      throw new IllegalArgumentException("Not a path of this machine's files: " + path);
    }
    // The URI escapes the bytes the path holds; its string is decoded, and lossy where they are
    // not text.
    byte[] bytes = unescape(path.toAbsolutePath().toUri().getRawPath());
    int length = bytes.length;
    while (length > 1 && bytes[length - 1] == '/') {
      length--;
    }
    return of(Arrays.copyOf(bytes, length));
  }

  /** A copy of the bytes. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** This path, a slash, and {@code relative}; this path itself if that is empty. */
  public NativePath resolve(byte[] relative) {
    if (relative.length == 0) {
      return this;
    }
    boolean slash = bytes[bytes.length - 1] != '/';
    byte[] joined = Arrays.copyOf(bytes, bytes.length + (slash ? 1 : 0) + relative.length);
    if (slash) {
      joined[bytes.length] = '/';
    }
    System.arraycopy(relative, 0, joined, joined.length - relative.length, relative.length);
    return of(joined);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NativePath that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** For display only: what is not printable UTF-8 is escaped, and a backslash doubled. */
  @Override
  public String toString() {
    return EscapedBytes.display(bytes);
  }

  private static byte[] unescape(String escaped) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(escaped.length());
    for (int i = 0; i < escaped.length(); i++) {
      char c = escaped.charAt(i);
      if (c == '%') {
        out.write(Integer.parseInt(escaped, i + 1, i + 3, 16));
        i += 2;
      } else {
        out.write(c);
      }
    }
    return out.toByteArray();
  }
}
