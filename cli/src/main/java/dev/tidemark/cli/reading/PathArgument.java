package dev.tidemark.cli.reading;

import dev.tidemark.cli.argument.ArgumentException;
import dev.tidemark.cli.argument.RawArguments;
import dev.tidemark.schemas.change.NodePath;
import java.util.Arrays;

/** A path in a tree, as people write it: {@code images}, {@code /images/}, {@code ./images}. */
public final class PathArgument {
  private PathArgument() {}

  /** Reads it; nothing, {@code /} and {@code .} are the root. */
  public static NodePath parse(String argument) {
    byte[] bytes = RawArguments.bytes(argument);
    int from = 0;
    int to = bytes.length;
    if (to >= 1 && bytes[0] == '.' && (to == 1 || bytes[1] == '/')) {
      from = 1;
    }
    while (from < to && bytes[from] == '/') {
      from++;
    }
    while (to > from && bytes[to - 1] == '/') {
      to--;
    }
    try {
      return NodePath.of(Arrays.copyOfRange(bytes, from, to));
    } catch (IllegalArgumentException e) {
      throw new ArgumentException(
          "path \"%s\": expected names with single slashes between them, none of them . or .."
              .formatted(argument));
    }
  }
}
