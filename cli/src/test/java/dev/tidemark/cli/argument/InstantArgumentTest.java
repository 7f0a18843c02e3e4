package dev.tidemark.cli.argument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.repository.history.At;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class InstantArgumentTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final ZoneId ZONE = ZoneId.of("Europe/Berlin");

  @ParameterizedTest
  @CsvSource({
    "2026-03-01T10:15:30Z,        2026-03-01T10:15:30Z",
    "2026-03-01T10:15:30.123Z,    2026-03-01T10:15:30.123Z",
    "'2026-03-01T10:15:30,123456789+00:00', 2026-03-01T10:15:30.123Z",
    "2026-03-01T10:15+02:00,      2026-03-01T08:15:00Z",
    "2026-03-01T10:15:30,         2026-03-01T09:15:30Z",
    "2026-03-01 10:15,            2026-03-01T09:15:00Z",
    "2026-03-01,                  2026-02-28T23:00:00Z",
    "-90s,                        2026-03-01T11:58:30Z",
    "-10m,                        2026-03-01T11:50:00Z",
    "-2h,                         2026-03-01T10:00:00Z",
    "-3d,                         2026-02-26T12:00:00Z",
    "-1w,                         2026-02-22T12:00:00Z",
  })
  void timesAreReadWithAndWithoutZoneAndAsAges(String argument, String expected) {
    assertThat(parse(argument)).isEqualTo(new At.Time(Instant.parse(expected).toEpochMilli()));
  }

  @Test
  void aPlainNumberIsASequence() {
    assertThat(parse("3000000000042")).isEqualTo(new At.Sequence(3_000_000_000_042L));
  }

  @Test
  void nowIsTheNewestInstant() {
    assertThat(parse("now")).isEqualTo(new At.Newest());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "yesterday", "-10", "-10y", "10:15", "2026-13-01", "2026-03-01T25:00"})
  void anythingElseIsRefusedWithTheFormsThatAreKnown(String argument) {
    assertThatThrownBy(() -> parse(argument))
        .isInstanceOf(ArgumentException.class)
        .hasMessageStartingWith("instant \"" + argument + "\": expected now, an ISO-8601 time");
  }

  private static At parse(String argument) {
    return InstantArgument.parse(argument, InstantSource.fixed(NOW), ZONE);
  }
}
