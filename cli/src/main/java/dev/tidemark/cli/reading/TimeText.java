package dev.tidemark.cli.reading;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/**
 * Times as people read them: in their zone, with its offset from UTC, and good for {@code --at}.
 */
public final class TimeText {
  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ssxxx");
  private static final DateTimeFormatter MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSxxx");
  private static final DateTimeFormatter NANOS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.nnnnnnnnnxxx");

  private TimeText() {}

  /** Such as {@code 2026-03-01 12:30:07+01:00}. */
  public static String seconds(Instant time, ZoneId zone) {
    return SECONDS.format(time.atZone(zone));
  }

  /** Log time, such as {@code 2026-03-01 12:30:07.123+01:00}. */
  public static String millis(long millis, ZoneId zone) {
    return MILLIS.format(Instant.ofEpochMilli(millis).atZone(zone));
  }

  /** Such as {@code 2026-03-01 12:30:07.123456789+01:00}. */
  public static String nanos(Instant time, ZoneId zone) {
    return NANOS.format(time.atZone(zone));
  }
}
