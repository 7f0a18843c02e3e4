package dev.tidemark.cli.argument;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A length of time, as options take it. */
public final class DurationArgument {
  /** For help pages. */
  public static final String FORMS = "500ms, 30s, 10m, 24h or 7d; 0";

  private static final Pattern FORM = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

  private DurationArgument() {}

  /**
   * Reads a length of time in one of {@link #FORMS}.
   *
   * @param option for the message
   * @throws ArgumentException if it is none of them
   */
  public static Duration parse(String option, String argument) {
    if (argument.equals("0")) {
      return Duration.ZERO;
    }
    Matcher form = FORM.matcher(argument);
    if (!form.matches()) {
      throw new ArgumentException(
          "%s \"%s\": expected a number with a unit, such as %s"
              .formatted(option, argument, FORMS));
    }
    long number = Long.parseLong(form.group(1));
    return switch (form.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      default -> Duration.ofDays(number);
    };
  }
}
