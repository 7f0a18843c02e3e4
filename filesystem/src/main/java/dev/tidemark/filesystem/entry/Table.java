package dev.tidemark.filesystem.entry;

import java.util.regex.Pattern;

/**
 * A table of a caller's own beside the entries: keys of 1 to {@value #MAX_KEY_BYTES} bytes, in
 * their unsigned order, to values.
 *
 * @param name lower case with dashes, at most 64 characters; not {@code default}, where entries are
 */
public record Table(String name) {
  /** Longest key. */
  public static final int MAX_KEY_BYTES = 1024;

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,63}");

  public Table {
    if (!NAME.matcher(name).matches() || name.equals("default")) {
      throw new IllegalArgumentException(
          "A table's name is [a-z][a-z0-9-]{0,63} and not 'default': '%s'".formatted(name));
    }
  }
}
