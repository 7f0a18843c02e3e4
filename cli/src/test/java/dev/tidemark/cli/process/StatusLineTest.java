package dev.tidemark.cli.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.cli.process.StatusLine.Style;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

final class StatusLineTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, UTF_8);

  @Test
  void aTerminalsLineIsRewrittenInPlaceAndNeverWraps() {
    try (StatusLine line = new StatusLine(out, Style.REWRITTEN, 10)) {
      line.show("one");
      line.show("one");
      line.show("a status longer than that");
    }

    assertThat(bytes.toString(UTF_8)).isEqualTo("\r\033[Kone\r\033[Ka status…\n");
  }

  @Test
  void aMessageStandsOnALineOfItsOwn() {
    try (StatusLine line = new StatusLine(out, Style.REWRITTEN, 80)) {
      line.show("working");
      line.message("ready");
    }

    assertThat(bytes.toString(UTF_8)).isEqualTo("\r\033[Kworking\r\033[Kready\n");
  }

  @Test
  void aFileGetsNoLineForEveryChange() {
    try (StatusLine line = new StatusLine(out, Style.LINES, 80)) {
      line.show("one");
      line.show("two");
      line.message("ready");
    }

    assertThat(bytes.toString(UTF_8)).isEqualTo("ready\n");
  }

  @Test
  void amountsAreShortAndHaveUnits() {
    assertThat(Amounts.bytes(1023)).isEqualTo("1023 B");
    assertThat(Amounts.bytes(12_897_484)).isEqualTo("12.3 MiB");
    assertThat(Amounts.millis(40)).isEqualTo("40 ms");
    assertThat(Amounts.millis(3_210)).isEqualTo("3.2 s");
    assertThat(Amounts.millis(3_600_000)).isEqualTo("60 min");
    assertThat(Amounts.count(1_234_567)).isEqualTo("1,234,567");
  }
}
