package dev.tidemark.cli.argument;

import dev.tidemark.repository.history.At;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An instant as people give it, after {@code --at} or elsewhere. */
public final class InstantArgument {
  /** For help pages. */
  public static final String FORMS =
      "now, an ISO-8601 time with or without zone (2026-03-01T12:30:00Z, 2026-03-01 12:30), an age"
          + " (-90s, -10m, -2h, -3d, -1w), a sequence number or tag:NAME";

  private static final String TAG = "tag:";
  private static final Pattern AGE = Pattern.compile("-(\\d{1,9})([smhdw])");
  private static final Pattern SEQUENCE = Pattern.compile("\\d{1,18}");

  private InstantArgument() {}

  /**
   * The name in {@code tag:NAME}; empty for every other form. Which instant it names, the tree
   * tells.
   */
  public static Optional<String> findTag(String argument) {
    return argument.startsWith(TAG) && argument.length() > TAG.length()
        ? Optional.of(argument.substring(TAG.length()))
        : Optional.empty();
  }

  /**
   * Reads an instant in one of {@link #FORMS}, but for that of a tag.
   *
   * @param clock for ages
   * @param zone of times without one
   * @throws ArgumentException if it is none of them
   */
  public static At parse(String argument, InstantSource clock, ZoneId zone) {
    if (argument.equals("now")) {
      return new At.Newest();
    }
    if (SEQUENCE.matcher(argument).matches()) {
      return new At.Sequence(Long.parseLong(argument));
    }
    Matcher age = AGE.matcher(argument);
    if (age.matches()) {
      Duration back = unit(age.group(2)).multipliedBy(Long.parseLong(age.group(1)));
      return new At.Time(clock.instant().minus(back).toEpochMilli());
    }
    return new At.Time(parseTime(argument, zone).toEpochMilli());
  }

  private static Duration unit(String letter) {
    return switch (letter) {
      case "s" -> Duration.ofSeconds(1);
      case "m" -> Duration.ofMinutes(1);
      case "h" -> Duration.ofHours(1);
      case "d" -> Duration.ofDays(1);
      case "w" -> Duration.ofDays(7);
      default -> throw new IllegalArgumentException(letter);
    };
  }

  private static Instant parseTime(String argument, ZoneId zone) {
    // ISO 8601 allows a comma before the fraction, and `date --iso-8601=ns` prints one.
    String text =
        argument
            .strip()
            .replaceFirst("(?<=\\d) (?=\\d)", "T")
            .replaceFirst("(?<=\\d),(?=\\d)", ".");
    try {
      if (!text.contains("T")) {
        return LocalDate.parse(text).atStartOfDay(zone).toInstant();
      }
      TemporalAccessor time =
          DateTimeFormatter.ISO_DATE_TIME.parseBest(text, ZonedDateTime::from, LocalDateTime::from);
      return time instanceof LocalDateTime local
          ? local.atZone(zone).toInstant()
          : Instant.from(time);
    } catch (DateTimeException e) {
      throw new ArgumentException("instant \"%s\": expected %s".formatted(argument, FORMS));
    }
  }
}
