package dev.tidemark.cli.argument;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One of several equal parts, written {@code n/t}: the n-th of t, from 1. */
public record SliceArgument(int part, int parts) {
  private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,5})/([1-9][0-9]{0,5})");

  /**
   * Reads an option's value.
   *
   * @throws ArgumentException if it is not of that form, or names no part
   */
  public static SliceArgument parse(String option, String value) {
    Matcher form = FORM.matcher(value);
    if (form.matches()) {
      SliceArgument slice =
          new SliceArgument(Integer.parseInt(form.group(1)), Integer.parseInt(form.group(2)));
      if (slice.part <= slice.parts) {
        return slice;
      }
    }
    throw new ArgumentException(
        "%s \"%s\": expected N/T, the N-th of T parts, as in %s=1/7"
            .formatted(option, value, option));
  }
}
