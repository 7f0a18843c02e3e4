package dev.tidemark.repository.retention;

import java.time.Duration;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.IsoFields;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What is kept of one tree, in the words of restic. Tags and holds are kept besides, and always the
 * newest instant.
 *
 * @param within every instant is kept whose log time is at most this much before the newest one's
 * @param hourly of so many of the last hours that have an instant the last one is kept; 0 for none
 * @param zone in which days begin
 */
public record RetentionPolicy(
    Duration within, int hourly, int daily, int weekly, int monthly, int yearly, ZoneId zone) {
  /** Bounds what a plan holds in memory; more than a century of hours. */
  public static final int MAX_COUNT = 1_000_000;

  public RetentionPolicy {
    if (within.isNegative()) {
      throw new IllegalArgumentException("keep within %s: expected 0 or more".formatted(within));
    }
    for (int count : new int[] {hourly, daily, weekly, monthly, yearly}) {
      if (count < 0 || count > MAX_COUNT) {
        throw new IllegalArgumentException("keep %d: expected 0 to %d".formatted(count, MAX_COUNT));
      }
    }
  }

  /** Only what lies within {@code within} of the newest instant. */
  public static RetentionPolicy keepWithin(Duration within) {
    return new RetentionPolicy(within, 0, 0, 0, 0, 0, ZoneId.of("UTC"));
  }

  /** How instants are grouped; of each group the last one counts. */
  enum Period {
    HOURLY,
    DAILY,
    WEEKLY,
    MONTHLY,
    YEARLY;

    /** Equal for two times of one period, and different for those of two. */
    long of(ZonedDateTime time) {
      return switch (this) {
        // Not the local hour, which comes twice when clocks are put back.
        case HOURLY -> Math.floorDiv(time.toEpochSecond(), 3600L);
        case DAILY -> time.toLocalDate().toEpochDay();
        case WEEKLY ->
            time.get(IsoFields.WEEK_BASED_YEAR) * 100L
                + time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR);
        case MONTHLY -> time.getYear() * 12L + time.getMonthValue();
        case YEARLY -> time.getYear();
      };
    }

    String reason() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  int count(Period period) {
    return switch (period) {
      case HOURLY -> hourly;
      case DAILY -> daily;
      case WEEKLY -> weekly;
      case MONTHLY -> monthly;
      case YEARLY -> yearly;
    };
  }

  /** Whether it would keep the newest instant alone. */
  public boolean isEmpty() {
    return within.isZero() && hourly + daily + weekly + monthly + yearly == 0;
  }

  List<Period> periods() {
    List<Period> wanted = new ArrayList<>();
    for (Period period : Period.values()) {
      if (count(period) > 0) {
        wanted.add(period);
      }
    }
    return wanted;
  }
}
