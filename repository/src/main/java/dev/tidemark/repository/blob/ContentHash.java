package dev.tidemark.repository.blob;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * SHA-256 of a blob's bytes, as 64 lower-case hexadecimal digits: the name of a blob that is named
 * by its content.
 */
public record ContentHash(String hex) implements Comparable<ContentHash> {
  /** Length of the binary form in bytes. */
  public static final int BYTES = 32;

  private static final Pattern VALID = Pattern.compile("[0-9a-f]{64}");

  public ContentHash {
    if (!VALID.matcher(hex).matches()) {
      throw new IllegalArgumentException(
          "hash \"%s\": expected 64 lower-case hexadecimal digits".formatted(hex));
    }
  }

  /** Computes the hash of what remains in {@code content}, whose position stays. */
  public static ContentHash compute(ByteBuffer content) {
    MessageDigest digest = newDigest();
    digest.update(content.duplicate());
    return of(digest.digest());
  }

  public static ContentHash compute(byte[] content) {
    return compute(ByteBuffer.wrap(content));
  }

  /** Takes the 32 bytes of a hash. */
  public static ContentHash of(byte[] hash) {
    return new ContentHash(HexFormat.of().formatHex(hash));
  }

  public byte[] bytes() {
    return HexFormat.of().parseHex(hex);
  }

  private static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  @Override
  public int compareTo(ContentHash other) {
    return hex.compareTo(other.hex);
  }

  @Override
  public String toString() {
    return hex;
  }
}
