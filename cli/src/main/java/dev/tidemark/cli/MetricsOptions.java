package dev.tidemark.cli;

import dev.tidemark.cli.argument.ListenArgument;
import dev.tidemark.cli.metrics.Health.Part;
import dev.tidemark.cli.metrics.Meters;
import dev.tidemark.cli.metrics.Observation;
import dev.tidemark.cli.process.Roles;
import dev.tidemark.cli.process.StatusLine;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a running role tells machines. */
final class MetricsOptions {
  @Option(
      names = "--metrics-listen",
      paramLabel = "[HOST:]PORT",
      description =
          "Serve metrics for Prometheus at /metrics, and health at /health/live and /health/ready."
              + " HOST is 127.0.0.1 unless given; port 0 takes a free one, which is printed."
              + " Without this nothing is served.")
  private @Nullable String listen;

  @Option(
      names = "--log-format",
      paramLabel = "text|json",
      description =
          "How messages are written to standard error: text (default), or json, one object a line.")
  private LogFormat logFormat = LogFormat.text;

  /** Looked at before the arguments are, since the first message may come before. */
  enum LogFormat {
    text,
    json
  }

  Meters meters() {
    return new Meters(Version.read());
  }

  /**
   * Begins to tell of the roles. Stopped before them, so that it is told that they stop.
   *
   * @param parts the roles, asked for each look
   */
  Observation start(
      Surroundings surroundings,
      StatusLine line,
      Roles roles,
      Meters meters,
      Supplier<List<Part>> parts)
      throws IOException {
    Observation started =
        Observation.start(
            Optional.ofNullable(listen).map(text -> ListenArgument.parse("--metrics-listen", text)),
            surroundings.environment(),
            meters,
            parts);
    roles.add("The metrics", started);
    started.url().ifPresent(url -> line.message("metrics: " + url));
    return started;
  }
}
