package dev.tidemark.log;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.metrics.KafkaMetric;
import org.apache.kafka.common.metrics.MetricsReporter;

/**
 * Tells {@link LogMetrics} what one client measures. Kafka makes one for each client, by the
 * class's name, which is why this is public, and closes it with the client.
 */
public final class LogMetricsReporter implements MetricsReporter {
  private final Set<KafkaMetric> told = ConcurrentHashMap.newKeySet();

  /** Made by Kafka. */
  public LogMetricsReporter() {}

  @Override
  public void init(List<KafkaMetric> metrics) {
    metrics.forEach(this::metricChange);
  }

  @Override
  public void metricChange(KafkaMetric metric) {
    // The same is told again for each topic and partition.
    if (metric.metricName().tags().containsKey("topic")) {
      return;
    }
    LogMetrics.Kind.find(metric.metricName().group(), metric.metricName().name())
        .ifPresent(
            kind -> {
              told.add(metric);
              LogMetrics.add(metric, kind, () -> value(metric));
            });
  }

  private static double value(KafkaMetric metric) {
    return metric.metricValue() instanceof Number number ? number.doubleValue() : 0;
  }

  @Override
  public void metricRemoval(KafkaMetric metric) {
    if (told.remove(metric)) {
      LogMetrics.remove(metric);
    }
  }

  @Override
  public void close() {
    List.copyOf(told).forEach(this::metricRemoval);
  }

  @Override
  public void configure(Map<String, ?> settings) {}
}
