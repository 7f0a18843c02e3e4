package dev.tidemark.cli;

import dev.tidemark.cli.argument.ArgumentException;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Whether the repository's data is read over and over. */
final class ScrubOption {
  private static final int MOST_DAYS = 3650;

  @Option(
      names = "--scrub-days",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Read and prove every pack of the repository once in N days, evenly over that time, and"
              + " say which are damaged. 0, the default, for never. For one process of a"
              + " repository.")
  private int days;

  /** The time in which all is read once; empty for never. */
  Optional<Duration> cycle() {
    if (days < 0 || days > MOST_DAYS) {
      throw new ArgumentException(
          "--scrub-days %d: expected 1 to %d days, or 0 for never".formatted(days, MOST_DAYS));
    }
    return days == 0 ? Optional.empty() : Optional.of(Duration.ofDays(days));
  }
}
