package dev.tidemark.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.log.LogMetrics.Kind;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.MetricConfig;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.metrics.Sensor;
import org.apache.kafka.common.metrics.stats.CumulativeSum;
import org.apache.kafka.common.metrics.stats.Max;
import org.apache.kafka.common.utils.Time;
import org.junit.jupiter.api.Test;

/** Kafka's own metrics of several clients. The numbers are the process's: others may have grown. */
class LogMetricsTest {
  @Test
  void whatAClosedClientHadCountedStaysCounted() {
    double before = LogMetrics.read(Kind.PRODUCER_RETRIES);
    Metrics one = client();
    Metrics other = client();
    count(one, "producer-metrics", "record-retry-total", Map.of()).record(3);
    count(other, "producer-metrics", "record-retry-total", Map.of()).record(4);
    count(other, "producer-topic-metrics", "record-retry-total", Map.of("topic", "t")).record(9);
    assertThat(LogMetrics.read(Kind.PRODUCER_RETRIES) - before).isEqualTo(7);

    one.close();
    assertThat(LogMetrics.read(Kind.PRODUCER_RETRIES) - before).isEqualTo(7);

    other.close();
    assertThat(LogMetrics.read(Kind.PRODUCER_RETRIES) - before).isEqualTo(7);
  }

  @Test
  void aPartitionsOwnNumberIsNotAddedToItsClients() {
    double before = LogMetrics.read(Kind.CONSUMER_BYTES);
    try (Metrics client = client()) {
      String group = "consumer-fetch-manager-metrics";
      count(client, group, "bytes-consumed-total", Map.of()).record(5);
      count(client, group, "bytes-consumed-total", Map.of("topic", "t")).record(5);

      assertThat(LogMetrics.read(Kind.CONSUMER_BYTES) - before).isEqualTo(5);
    }
  }

  @Test
  void ofLatenciesTheGreatestCountsAndNoneIsNothing() {
    try (Metrics one = client();
        Metrics idle = client()) {
      MetricName name = name(one, "stream-thread-metrics", "commit-latency-avg", Map.of());
      one.sensor("latency").add(name, new Max());
      idle.sensor("latency").add(name, new Max());
      assertThat(LogMetrics.read(Kind.STREAMS_COMMIT_LATENCY_MILLIS)).isZero();

      one.sensor("latency").record(8);
      assertThat(LogMetrics.read(Kind.STREAMS_COMMIT_LATENCY_MILLIS)).isEqualTo(8);
    }
    assertThat(LogMetrics.read(Kind.STREAMS_COMMIT_LATENCY_MILLIS)).isZero();
  }

  @Test
  void reportersThatAUserNamesAreKept() {
    LogConnection plain = LogConnection.to("localhost:9092");
    LogConnection own =
        new LogConnection("localhost:9092", "", Map.of("metric.reporters", "org.example.Mine"));

    assertThat(plain.clientSettings().get("metric.reporters"))
        .isEqualTo(
            "org.apache.kafka.common.metrics.JmxReporter,dev.tidemark.log.LogMetricsReporter");
    assertThat(own.clientSettings().get("metric.reporters"))
        .isEqualTo("org.example.Mine,dev.tidemark.log.LogMetricsReporter");
  }

  private static Metrics client() {
    return new Metrics(new MetricConfig(), List.of(new LogMetricsReporter()), Time.SYSTEM);
  }

  private static Sensor count(Metrics client, String group, String name, Map<String, String> tags) {
    Sensor sensor = client.sensor(group + name + tags);
    sensor.add(name(client, group, name, tags), new CumulativeSum());
    return sensor;
  }

  private static MetricName name(
      Metrics client, String group, String name, Map<String, String> tags) {
    return client.metricName(name, group, "", tags);
  }
}
