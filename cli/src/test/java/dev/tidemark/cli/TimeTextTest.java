package dev.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.cli.argument.InstantArgument;
import dev.tidemark.cli.reading.TimeText;
import dev.tidemark.repository.history.At;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A time that is shown can be asked for. */
final class TimeTextTest {
  private static final Instant TIME = Instant.parse("2026-10-25T00:30:07.123456789Z");

  @ParameterizedTest
  @ValueSource(strings = {"UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu"})
  void whatIsShownCanBeGivenToAt(String name) {
    ZoneId zone = ZoneId.of(name);
    String shown = TimeText.millis(TIME.toEpochMilli(), zone);

    assertThat(InstantArgument.parse(shown, InstantSource.system(), ZoneId.of("Asia/Tokyo")))
        .as(shown)
        .isEqualTo(new At.Time(TIME.toEpochMilli()));
  }

  @Test
  void theHourThatComesTwiceIsToldApart() {
    ZoneId zone = ZoneId.of("Europe/Berlin");

    assertThat(TimeText.seconds(TIME, zone)).isEqualTo("2026-10-25 02:30:07+02:00");
    assertThat(TimeText.seconds(TIME.plusSeconds(3600), zone))
        .isEqualTo("2026-10-25 02:30:07+01:00");
    assertThat(TimeText.nanos(TIME, ZoneId.of("UTC")))
        .isEqualTo("2026-10-25 00:30:07.123456789+00:00");
  }
}
