package dev.tidemark.cli.tracing;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what the collector took and what it did not, and says once that it does not. */
final class CountedExporter implements SpanExporter {
  private static final Logger log = LoggerFactory.getLogger(CountedExporter.class);

  private final SpanExporter exporter;
  private final LongAdder sent = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final AtomicBoolean said = new AtomicBoolean();

  CountedExporter(SpanExporter exporter) {
    this.exporter = exporter;
  }

  @Override
  public CompletableResultCode export(Collection<SpanData> spans) {
    int count = spans.size();
    CompletableResultCode result = exporter.export(spans);
    return result.whenComplete(
        () -> {
          if (result.isSuccess()) {
            sent.add(count);
          } else {
            failed.add(count);
            complain(result.getFailureThrowable());
          }
        });
  }

  private void complain(@org.jspecify.annotations.Nullable Throwable cause) {
    if (said.compareAndSet(false, true)) {
      log.atWarn()
          .addKeyValue("reason", cause == null ? "it refused them" : cause.toString())
          .log(
              "the collector does not take spans: check that it runs, and"
                  + " OTEL_EXPORTER_OTLP_ENDPOINT. Nothing else waits for it; further spans are"
                  + " only counted");
    }
  }

  long sent() {
    return sent.sum();
  }

  long failed() {
    return failed.sum();
  }

  @Override
  public CompletableResultCode flush() {
    return exporter.flush();
  }

  @Override
  public CompletableResultCode shutdown() {
    return exporter.shutdown();
  }
}
