package dev.tidemark.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.watcher.MaxRemovals;
import dev.tidemark.watcher.ReconcilePlan;
import dev.tidemark.watcher.ReconcilePlan.Depth;
import dev.tidemark.watcher.WatcherConfig.Control;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

final class ControlOptionsTest {
  @TempDir private Path dir;

  @Command
  private static final class Holder {
    @Mixin private ControlOptions options = new ControlOptions();
  }

  private static Control control(String... args) throws IOException {
    Holder holder = new Holder();
    new CommandLine(holder).parseArgs(args);
    return holder.options.control();
  }

  private static boolean excludes(Control control, String name) {
    return control.filter().excludesFile(new byte[0], name.getBytes(US_ASCII));
  }

  @Test
  void patternsCountInTheOrderInWhichTheOptionsAreGiven() throws IOException {
    assertThat(excludes(control("--exclude", "*.log", "--include", "a.log"), "a.log")).isFalse();
    assertThat(excludes(control("--include", "a.log", "--exclude", "*.log"), "a.log")).isTrue();
  }

  @Test
  void aFileOfPatternsIsReadByItsBytes() throws IOException {
    Path file = Files.write(dir.resolve("ignore"), "# no\n*.o\n\u00ff?x".getBytes(ISO_8859_1));

    Control control = control("--exclude-from", file.toString(), "--include", "keep.o");

    assertThat(excludes(control, "a.o")).isTrue();
    assertThat(excludes(control, "keep.o")).isFalse();
    assertThat(control.filter().excludesFile(new byte[0], new byte[] {(byte) 0xff, 'a', 'x'}))
        .isTrue();
  }

  @Test
  void withoutOptionsTheDefaultsHold() throws IOException {
    assertThat(control()).isEqualTo(Control.DEFAULT);
    assertThat(
            control("--max-removals", "5%", "--reconcile-interval", "90m", "--reconcile-content"))
        .isEqualTo(
            Control.DEFAULT
                .with(new MaxRemovals.Percent(5))
                .with(new ReconcilePlan(Duration.ofMinutes(90), Depth.CONTENT)));
  }
}
