package dev.tidemark.cli.tracing;

import dev.tidemark.schemas.trace.ChangeTrace;
import dev.tidemark.schemas.trace.Step;
import dev.tidemark.schemas.trace.TracedChange;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingDecision;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Makes spans of what it is told, and hands them to the SDK of OpenTelemetry, which samples them,
 * holds a bounded number (2,048 unless {@code OTEL_BSP_MAX_QUEUE_SIZE} says otherwise) and sends
 * them on a thread of its own. All else is as the variables {@code OTEL_*} of the environment say.
 */
public final class OtlpTrace implements ChangeTrace, AutoCloseable {
  private static final String SCOPE = "dev.tidemark";
  private static final long STOP_SECONDS = 3;

  /** Held, since a logger that nobody holds forgets its level. */
  private static final Logger SDK_LOG = Logger.getLogger("io.opentelemetry");

  private final SdkTracerProvider provider;
  private final Tracer tracer;
  private final Sampler sampler;
  private final GivenIds ids;
  private final CountedExporter exporter;
  private final LongAdder made = new LongAdder();

  /** What the SDK hands out while it is being set up. */
  private static final class SetUp {
    private final GivenIds ids = new GivenIds();
    private Optional<Sampler> sampler = Optional.empty();
    private Optional<CountedExporter> exporter = Optional.empty();
  }

  private OtlpTrace(SdkTracerProvider provider, SetUp setUp) {
    this.provider = provider;
    this.tracer = provider.get(SCOPE);
    this.sampler = setUp.sampler.orElseThrow();
    this.ids = setUp.ids;
    this.exporter = setUp.exporter.orElseThrow();
  }

  /**
   * Begins; the collector is not asked.
   *
   * @param service the name under which this process appears, unless {@code OTEL_SERVICE_NAME} or
   *     {@code OTEL_RESOURCE_ATTRIBUTES} gives another
   * @throws TracingException if the environment asks for what cannot be had
   */
  public static OtlpTrace start(String service, String version) throws TracingException {
    // What it would say at each failure is said once, by us.
    SDK_LOG.setLevel(Level.OFF);
    SetUp setUp = new SetUp();
    try {
      SdkTracerProvider provider = configure(setUp, service, version);
      return new OtlpTrace(provider, setUp);
    } catch (RuntimeException e) {
      throw new TracingException(
          ("traces cannot be sent as the variables OTEL_* of the environment say: %s. What is"
                  + " supported is OTLP over HTTP: OTEL_TRACES_EXPORTER=otlp and"
                  + " OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf, or neither.")
              .formatted(e.getMessage()),
          e);
    }
  }

  private static SdkTracerProvider configure(SetUp setUp, String service, String version) {
    Map<String, String> defaults = new HashMap<>();
    defaults.put("otel.service.name", service);
    defaults.put("otel.resource.attributes", "service.version=" + version);
    defaults.put("otel.exporter.otlp.protocol", "http/protobuf");
    defaults.put("otel.metrics.exporter", "none");
    defaults.put("otel.logs.exporter", "none");
    return AutoConfiguredOpenTelemetrySdk.builder()
        .disableShutdownHook()
        .addPropertiesSupplier(() -> defaults)
        .addSamplerCustomizer(
            (configured, _) -> {
              setUp.sampler = Optional.of(configured);
              return configured;
            })
        .addSpanExporterCustomizer(
            (configured, _) -> {
              CountedExporter counted = new CountedExporter(configured);
              setUp.exporter = Optional.of(counted);
              return counted;
            })
        .addTracerProviderCustomizer((builder, _) -> builder.setIdGenerator(setUp.ids))
        .build()
        .getOpenTelemetrySdk()
        .getSdkTracerProvider();
  }

  @Override
  public boolean isOn() {
    return true;
  }

  @Override
  public void tell(TracedChange change, Step step, String who, long fromMicros, long toMicros) {
    String traceId = change.traceId();
    if (!isSampled(traceId, step)) {
      return;
    }
    made.increment();
    ids.set(traceId, TracedChange.spanId(traceId, step, who));
    SpanBuilder span =
        tracer
            .spanBuilder(step.text())
            .setSpanKind(kind(step))
            .setStartTimestamp(fromMicros, TimeUnit.MICROSECONDS)
            .setAttribute("tidemark.tree", change.tree().value())
            .setAttribute("tidemark.epoch", change.epoch().offset())
            .setAttribute("tidemark.number", change.number())
            .setAttribute("tidemark.kind", change.kind())
            .setAttribute("tidemark.path", change.path());
    if (!who.isEmpty()) {
      span.setAttribute("tidemark.standby", who);
    }
    step.parent()
        .ifPresentOrElse(
            parent -> span.setParent(under(traceId, TracedChange.spanId(traceId, parent, who))),
            span::setNoParent);
    span.startSpan().end(Math.max(fromMicros, toMicros), TimeUnit.MICROSECONDS);
  }

  /** Asked of the trace alone, so that all processes with the same sampler choose the same. */
  private boolean isSampled(String traceId, Step step) {
    return sampler
            .shouldSample(
                Context.root(),
                traceId,
                step.text(),
                SpanKind.INTERNAL,
                Attributes.empty(),
                List.of())
            .getDecision()
        == SamplingDecision.RECORD_AND_SAMPLE;
  }

  private static Context under(String traceId, String parent) {
    return Context.root()
        .with(
            Span.wrap(
                SpanContext.createFromRemoteParent(
                    traceId, parent, TraceFlags.getSampled(), TraceState.getDefault())));
  }

  private static SpanKind kind(Step step) {
    return switch (step) {
      case PUBLISH -> SpanKind.PRODUCER;
      case STORE_RECEIVE, MIRROR_RECEIVE -> SpanKind.CONSUMER;
      case CHANGE, READ, SEND_CHUNKS, SEAL, APPLY -> SpanKind.INTERNAL;
    };
  }

  public SpanCounts counts() {
    return new SpanCounts(made.sum(), exporter.sent(), exporter.failed());
  }

  /** Sends what waits, for a moment; a collector that is away holds nothing up. */
  @Override
  public void close() {
    provider.shutdown().join(STOP_SECONDS, TimeUnit.SECONDS);
  }
}
