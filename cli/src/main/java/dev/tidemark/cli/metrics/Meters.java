package dev.tidemark.cli.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.core.metrics.Info;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * The meters of this process. A status is taken once for each answer, so that its numbers belong
 * together; and the meters of what is no longer there are no longer shown.
 */
public final class Meters implements AutoCloseable {
  private static final Duration[] LATENCIES =
      List.of(1, 5, 20, 100, 500, 2_000, 10_000).stream()
          .map(Duration::ofMillis)
          .toArray(Duration[]::new);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final List<AutoCloseable> binders = new ArrayList<>();
  private final List<Runnable> sources = new CopyOnWriteArrayList<>();

  /** Those that every process has. */
  public Meters(String version) {
    bind(new JvmMemoryMetrics());
    bind(new JvmGcMetrics());
    bind(new JvmThreadMetrics());
    bind(new ProcessorMetrics());
    bind(new FileDescriptorMetrics());
    bind(new UptimeMetrics());
    Info.builder()
        .name("tidemark_build")
        .help("Always 1; the version is in the label.")
        .labelNames("version")
        .register(registry.getPrometheusRegistry())
        .setLabelValues(version);
    KafkaMeters.bind(this);
  }

  private void bind(MeterBinder binder) {
    binder.bindTo(registry);
    if (binder instanceof AutoCloseable closing) {
      binders.add(closing);
    }
  }

  /** What is read for each answer, while it is there. */
  public static final class Readings<S> {
    private final PrometheusMeterRegistry registry;
    private final Tags tags;
    private final List<Meter> meters = new ArrayList<>();
    private volatile S status;

    private Readings(PrometheusMeterRegistry registry, Tags tags, S status) {
      this.registry = registry;
      this.tags = tags;
      this.status = status;
    }

    /** A number that goes up and down. */
    public Readings<S> gauge(String name, String help, ToDoubleFunction<S> value) {
      meters.add(
          Gauge.builder(name, this, self -> value.applyAsDouble(self.status))
              .description(help)
              .tags(tags)
              .register(registry));
      return this;
    }

    /** A number that only grows while the process lives; {@code _total} is put behind its name. */
    public Readings<S> counter(String name, String help, ToDoubleFunction<S> value) {
      meters.add(
          FunctionCounter.builder(name, this, self -> value.applyAsDouble(self.status))
              .description(help)
              .tags(tags)
              .register(registry));
      return this;
    }

    /** One of few states: 1 for the one that holds, 0 for the others. */
    public <E extends Enum<E>> Readings<S> states(
        String name, String help, String label, Class<E> states, Function<S, E> state) {
      for (E one : states.getEnumConstants()) {
        meters.add(
            Gauge.builder(name, this, self -> state.apply(self.status) == one ? 1 : 0)
                .description(help)
                .tags(tags.and(Tag.of(label, one.name().toLowerCase(java.util.Locale.ROOT))))
                .register(registry));
      }
      return this;
    }

    private void remove() {
      meters.forEach(registry::remove);
    }
  }

  /** Meters of one status, without labels. */
  public <S> void read(Supplier<S> status, Consumer<Readings<S>> names) {
    readEach(() -> Map.of(Tags.empty(), status.get()), names);
  }

  /**
   * Meters of each of what is there at the moment, by their labels.
   *
   * @param now asked once for each answer
   * @param names tells what is read of each
   */
  public <S> void readEach(Supplier<Map<Tags, S>> now, Consumer<Readings<S>> names) {
    Map<Tags, Readings<S>> known = new HashMap<>();
    Runnable source =
        () -> {
          Map<Tags, S> present = now.get();
          known
              .entrySet()
              .removeIf(
                  gone -> {
                    boolean left = !present.containsKey(gone.getKey());
                    if (left) {
                      gone.getValue().remove();
                    }
                    return left;
                  });
          present.forEach(
              (tags, status) -> {
                Readings<S> readings = known.get(tags);
                if (readings == null) {
                  readings = new Readings<>(registry, tags, status);
                  names.accept(readings);
                  known.put(tags, readings);
                } else {
                  readings.status = status;
                }
              });
        };
    sources.add(source);
  }

  /** A meter of how long something takes, with how many took longer than some latencies. */
  Timer timer(String name, String help, Tags tags) {
    return Timer.builder(name)
        .description(help)
        .tags(tags)
        .serviceLevelObjectives(LATENCIES)
        .register(registry);
  }

  /** Everything as it is now, in Prometheus' text format. */
  public synchronized String scrape() {
    sources.forEach(Runnable::run);
    return registry.scrape();
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable binder : binders) {
      binder.close();
    }
    registry.close();
  }
}
