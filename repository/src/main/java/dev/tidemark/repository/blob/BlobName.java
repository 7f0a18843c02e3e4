package dev.tidemark.repository.blob;

import java.util.regex.Pattern;

/**
 * A blob's name in its store: parts of 1 to 255 of {@code a-z 0-9 . _ -} joined by {@code '/'}, no
 * part beginning with a dot. The first part {@code tmp} is reserved for stores' unfinished work.
 */
public record BlobName(String value) implements Comparable<BlobName> {
  private static final Pattern VALID =
      Pattern.compile("[a-z0-9_-][a-z0-9._-]{0,254}(/[a-z0-9_-][a-z0-9._-]{0,254})*");

  /** The first part of names that are no blobs but a store's own unfinished work. */
  public static final String RESERVED = "tmp";

  public BlobName {
    if (!VALID.matcher(value).matches()
        || value.equals(RESERVED)
        || value.startsWith(RESERVED + "/")) {
      throw new IllegalArgumentException(
          ("blob name \"%s\": expected parts of a-z, 0-9, '.', '_', '-' with '/' between them, none"
                  + " beginning with '.', the first not \"tmp\"")
              .formatted(value));
    }
  }

  /** The part after the last {@code '/'}. */
  public String lastPart() {
    return value.substring(value.lastIndexOf('/') + 1);
  }

  @Override
  public int compareTo(BlobName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
