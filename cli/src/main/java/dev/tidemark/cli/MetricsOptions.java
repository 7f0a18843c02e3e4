package dev.tidemark.cli;

import dev.tidemark.cli.argument.ListenArgument;
import dev.tidemark.cli.metrics.Health.Part;
import dev.tidemark.cli.metrics.MeteredBlobStore;
import dev.tidemark.cli.metrics.Meters;
import dev.tidemark.cli.metrics.Observation;
import dev.tidemark.cli.metrics.Observation.Serving;
import dev.tidemark.cli.process.Roles;
import dev.tidemark.cli.process.StatusLine;
import dev.tidemark.repository.blob.BlobStore;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
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

  private @Nullable Meters meters;

  /** To be called before anything is touched. */
  void requireSound() {
    if (listen != null) {
      ListenArgument.parse("--metrics-listen", listen);
    }
  }

  /** Those to be served; none are made where nothing is. */
  private Optional<Meters> meters() {
    if (listen == null) {
      return Optional.empty();
    }
    Meters made = meters == null ? new Meters(Version.read()) : meters;
    meters = made;
    return Optional.of(made);
  }

  /** A store whose calls are told of, where anything is. */
  BlobStore around(BlobStore store) {
    Optional<Meters> served = meters();
    return served.isPresent() ? new MeteredBlobStore(store, served.get()) : store;
  }

  /**
   * Begins to tell of the roles. Stopped before them, so that it is told that they stop.
   *
   * @param names says what is told of them in numbers
   * @param parts the roles, asked for each look
   */
  Observation start(
      Surroundings surroundings,
      StatusLine line,
      Roles roles,
      Consumer<Meters> names,
      Supplier<List<Part>> parts)
      throws IOException {
    Optional<Meters> served = meters();
    served.ifPresent(names);
    Observation started =
        Observation.start(served.map(this::serving), surroundings.environment(), parts);
    roles.add("The metrics", started);
    started.url().ifPresent(url -> line.message("metrics: " + url));
    return started;
  }

  private Serving serving(Meters served) {
    return new Serving(
        ListenArgument.parse("--metrics-listen", Objects.requireNonNull(listen)), served);
  }
}
