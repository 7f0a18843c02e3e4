package dev.tidemark.cli.drill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.repository.history.Span;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class InstantDrawTest {
  private static final long END = 1_800_000_000_000L;

  private static long[] ages(Duration history, long seed, int count) {
    Span span = new Span(END - history.toMillis(), END);
    InstantDraw draw = new InstantDraw(new SplittableRandom(seed));
    return LongStream.generate(() -> END - draw.draw(span)).limit(count).toArray();
  }

  private static long share(long[] ages, Duration from, Duration to) {
    long within =
        LongStream.of(ages).filter(a -> a >= from.toMillis() && a < to.toMillis()).count();
    return within * 100 / ages.length;
  }

  /** Of a fixed seed: what is said of the shares is not left to chance. */
  @Test
  void ofAYearTheLastHourTheLastDayAndTheRestAllGetTheirShare() {
    long[] ages = ages(Duration.ofDays(365), 1, 10_000);

    assertThat(share(ages, Duration.ZERO, Duration.ofHours(1))).isBetween(28L, 34L);
    assertThat(share(ages, Duration.ofHours(1), Duration.ofDays(1))).isBetween(20L, 27L);
    assertThat(share(ages, Duration.ofDays(1), Duration.ofDays(30))).isBetween(22L, 29L);
    assertThat(share(ages, Duration.ofDays(30), Duration.ofDays(366))).isBetween(16L, 22L);
  }

  @Test
  void whatIsDrawnIsWithinTheHistoryHoweverShortItIs() {
    for (Duration history :
        new Duration[] {Duration.ZERO, Duration.ofMillis(1), Duration.ofDays(1)}) {
      assertThat(LongStream.of(ages(history, 2, 1000)).boxed())
          .allMatch(age -> age >= 0 && age <= history.toMillis());
    }
  }

  @Test
  void aSeedDrawsTheSameAgainAndAnotherOneAnother() {
    Duration day = Duration.ofDays(1);

    assertThat(ages(day, 7, 20)).isEqualTo(ages(day, 7, 20)).isNotEqualTo(ages(day, 8, 20));
  }
}
