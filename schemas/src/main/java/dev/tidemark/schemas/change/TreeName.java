package dev.tidemark.schemas.change;

import java.util.regex.Pattern;

/**
 * The name of a watched directory's tree: {@code [a-z0-9][a-z0-9._-]{0,62}}. It is the key of its
 * changes.
 */
public record TreeName(String value) implements Comparable<TreeName> {
  private static final Pattern VALID = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");

  public TreeName {
    if (!VALID.matcher(value).matches()) {
      throw new IllegalArgumentException(
          ("tree name \"%s\": expected 1 to 63 of a-z, 0-9, '.', '_', '-', beginning with a letter"
                  + " or digit")
              .formatted(value));
    }
  }

  @Override
  public int compareTo(TreeName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
