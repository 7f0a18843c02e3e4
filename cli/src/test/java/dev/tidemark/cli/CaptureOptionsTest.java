package dev.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.cli.argument.ArgumentException;
import dev.tidemark.watcher.WatcherConfig;
import dev.tidemark.watcher.capture.CaptureMode;
import dev.tidemark.watcher.read.Mounts;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class CaptureOptionsTest {
  @Command
  private static final class Bare {
    @CommandLine.Mixin private CaptureOptions capture = new CaptureOptions();
  }

  private static WatcherConfig.Capture parse(String... arguments) {
    Bare command = new Bare();
    new CommandLine(command).parseArgs(arguments);
    return command.capture.settings();
  }

  @Test
  void withoutOptionsTheWatcherDecides() {
    assertThat(parse()).isEqualTo(WatcherConfig.Capture.DEFAULT);
  }

  @ParameterizedTest
  @CsvSource({"fanotify, FANOTIFY", "inotify, INOTIFY", "scan, SCAN", "auto, AUTO"})
  void eachWayCanBeAskedFor(String text, CaptureMode mode) {
    assertThat(parse("--capture", text).mode()).isEqualTo(mode);
  }

  @ParameterizedTest
  @CsvSource({"250ms, PT0.25S", "30s, PT30S", "5m, PT5M", "2h, PT2H"})
  void intervalsHaveAUnit(String text, Duration interval) {
    assertThat(parse("--scan-interval", text).scanInterval()).isEqualTo(interval);
  }

  @Test
  void mountsAreCrossedWhenAskedFor() {
    assertThat(parse("--cross-mounts").mounts()).isEqualTo(Mounts.CROSS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "60", "0s", "99ms", "-5s", "1d", "s"})
  void otherIntervalsAreRefused(String text) {
    assertThatThrownBy(() -> parse("--scan-interval", text))
        .isInstanceOf(ArgumentException.class)
        .hasMessageContaining("at least 100ms");
  }

  @Test
  void otherWaysAreRefusedWithThoseThereAre() {
    assertThatThrownBy(() -> parse("--capture", "polling"))
        .isInstanceOf(ArgumentException.class)
        .hasMessageContaining("auto, fanotify, inotify or scan");
  }
}
