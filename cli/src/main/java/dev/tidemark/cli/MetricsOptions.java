package dev.tidemark.cli;

import dev.tidemark.cli.argument.ArgumentException;
import dev.tidemark.cli.argument.ListenArgument;
import dev.tidemark.cli.metrics.Health.Part;
import dev.tidemark.cli.metrics.MeteredBlobStore;
import dev.tidemark.cli.metrics.Meters;
import dev.tidemark.cli.metrics.Observation;
import dev.tidemark.cli.metrics.Observation.Serving;
import dev.tidemark.cli.metrics.RoleMeters;
import dev.tidemark.cli.process.Roles;
import dev.tidemark.cli.process.StatusLine;
import dev.tidemark.cli.tracing.OtlpTrace;
import dev.tidemark.cli.tracing.TracingException;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.schemas.trace.ChangeTrace;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
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

  @Option(
      names = "--trace",
      description = {
        "Tell a collector of OpenTelemetry of each change that is made while a watcher watches:"
            + " when it was seen, read, sent, sealed, and visible on a standby. One change is one"
            + " trace over all processes that have this option.",
        "The environment says how, by the names that OpenTelemetry gives: where the collector is"
            + " (OTEL_EXPORTER_OTLP_ENDPOINT, default http://localhost:4318), and how many changes"
            + " are traced (OTEL_TRACES_SAMPLER=traceidratio and OTEL_TRACES_SAMPLER_ARG=0.01 for"
            + " one in a hundred, the same in all processes). With the endpoint set, this option"
            + " need not be given. Names of files go to the collector."
      })
  private boolean trace;

  /** Looked at before the arguments are, since the first message may come before. */
  enum LogFormat {
    text,
    json
  }

  private @Nullable Meters meters;
  private @Nullable OtlpTrace tracing;

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
   * Who is told of the way of single changes; to be asked before the roles are started.
   *
   * @param roles with which it is stopped, after them
   * @param service the process's name in traces
   */
  ChangeTrace traceInto(Surroundings surroundings, Roles roles, String service) {
    if (!isTraceWanted(surroundings.environment())) {
      return ChangeTrace.OFF;
    }
    try {
      OtlpTrace started = roles.add("Traces", OtlpTrace.start(service, Version.read()));
      tracing = started;
      return started;
    } catch (TracingException e) {
      throw new ArgumentException(String.valueOf(e.getMessage()));
    }
  }

  private boolean isTraceWanted(Map<String, String> environment) {
    boolean isEndpointSet =
        Stream.of("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
            .anyMatch(name -> !environment.getOrDefault(name, "").isBlank());
    boolean isForbidden =
        environment.getOrDefault("OTEL_SDK_DISABLED", "").equalsIgnoreCase("true")
            || environment.getOrDefault("OTEL_TRACES_EXPORTER", "").equals("none");
    return (trace || isEndpointSet) && !isForbidden;
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
    OtlpTrace traced = tracing;
    if (traced != null) {
      served.ifPresent(known -> RoleMeters.spans(known, traced::counts));
    }
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
