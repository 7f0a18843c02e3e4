package dev.tidemark.cli.argument;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of bytes, as options take it. */
public final class SizeArgument {
  /** For help pages. */
  public static final String FORMS = "a number of bytes, or with a unit of 1,024: 64K, 10M, 2G, 1T";

  private static final Pattern FORM = Pattern.compile("(\\d{1,15})([KMGT])?(?:i?B)?");

  private SizeArgument() {}

  /**
   * Reads a size in one of {@link #FORMS}.
   *
   * @param option for the message
   * @throws ArgumentException if it is none of them
   */
  public static long parse(String option, String argument) {
    Matcher form = FORM.matcher(argument);
    if (form.matches()) {
      long number = Long.parseLong(form.group(1));
      int shift = form.group(2) == null ? 0 : 10 * (1 + "KMGT".indexOf(form.group(2)));
      if (number <= Long.MAX_VALUE >> shift) {
        return number << shift;
      }
    }
    throw new ArgumentException("%s \"%s\": expected %s".formatted(option, argument, FORMS));
  }
}
