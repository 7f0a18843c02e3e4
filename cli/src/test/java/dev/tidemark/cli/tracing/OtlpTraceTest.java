package dev.tidemark.cli.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Cause;
import dev.tidemark.schemas.change.Epoch;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.trace.Step;
import dev.tidemark.schemas.trace.TracedChange;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** With system properties, which the SDK takes as it does the variables of the environment. */
final class OtlpTraceTest {
  private static final int CHANGES = 500;

  private final List<String> set = new ArrayList<>();

  private void set(Map<String, String> properties) {
    properties.forEach(System::setProperty);
    set.addAll(properties.keySet());
  }

  @AfterEach
  void clear() {
    set.forEach(System::clearProperty);
  }

  private static TracedChange change(long number) {
    return new TracedChange(
        new UUID(1, 2),
        new TreeName("web"),
        new Epoch(7, new UUID(3, 4)),
        number,
        Cause.LIVE,
        new Change.Remove(NodePath.of("file".getBytes(StandardCharsets.UTF_8))));
  }

  @Test
  void twoProcessesWithOneRatioChooseTheSameChangesAtEachStep() throws Exception {
    set(
        Map.of(
            "otel.exporter.otlp.endpoint", "http://127.0.0.1:1",
            "otel.java.exporter.otlp.retry.disabled", "true",
            "otel.traces.sampler", "traceidratio",
            "otel.traces.sampler.arg", "0.3"));
    List<Long> atWatcher = new ArrayList<>();
    List<Long> atStore = new ArrayList<>();
    try (OtlpTrace watcher = OtlpTrace.start("watcher", "1");
        OtlpTrace store = OtlpTrace.start("store", "1")) {
      for (long number = 1; number <= CHANGES; number++) {
        long before = watcher.counts().made();
        watcher.tell(change(number), Step.CHANGE, "", 1, 2);
        if (watcher.counts().made() > before) {
          atWatcher.add(number);
        }
        before = store.counts().made();
        store.tell(change(number), Step.SEAL, "", 1, 2);
        if (store.counts().made() > before) {
          atStore.add(number);
        }
      }
    }

    assertThat(atStore).isEqualTo(atWatcher).hasSizeBetween(CHANGES / 5, 2 * CHANGES / 5);
  }

  @Test
  void aCollectorThatIsAwayIsCountedAndHoldsNothingUp() throws Exception {
    set(
        Map.of(
            "otel.exporter.otlp.endpoint", "http://127.0.0.1:1",
            "otel.java.exporter.otlp.retry.disabled", "true",
            "otel.bsp.schedule.delay", "3600000",
            "otel.bsp.max.queue.size", "100",
            "otel.bsp.max.export.batch.size", "100"));
    OtlpTrace trace = OtlpTrace.start("watcher", "1");
    try (trace) {
      for (long number = 1; number <= 20 * CHANGES; number++) {
        trace.tell(change(number), Step.CHANGE, "", 1, 2);
      }
    }

    assertThat(trace.counts().made()).isEqualTo(20 * CHANGES);
    assertThat(trace.counts().sent()).isZero();
    assertThat(trace.counts().failed()).isPositive();
  }

  @Test
  void whatTheEnvironmentAsksForAndCannotBeHadIsNamed() {
    set(Map.of("otel.traces.exporter", "zipkin"));

    assertThatThrownBy(() -> OtlpTrace.start("watcher", "1"))
        .isInstanceOf(TracingException.class)
        .hasMessageContaining("zipkin")
        .hasMessageContaining("OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf");
  }

  @Test
  void aProtocolThatCannotBeSpokenIsNamed() {
    set(Map.of("otel.exporter.otlp.protocol", "grpc"));

    assertThatThrownBy(() -> OtlpTrace.start("watcher", "1"))
        .isInstanceOf(TracingException.class)
        .hasMessageContaining("OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf");
  }
}
