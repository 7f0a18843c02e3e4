package dev.tidemark.cli.metrics;

import dev.tidemark.cli.metrics.Meters.Readings;
import dev.tidemark.log.LogMetrics;

/** The Kafka clients' numbers, which {@link LogMetrics} brings together. */
final class KafkaMeters {
  private KafkaMeters() {}

  static void bind(Meters meters) {
    meters.read(() -> 0, readings -> bind(readings));
  }

  private static void bind(Readings<Integer> readings) {
    for (LogMetrics.Kind kind : LogMetrics.Kind.values()) {
      switch (kind) {
        case PRODUCER_RECORDS ->
            count(readings, kind, "producer_records", "Records that were sent.");
        case PRODUCER_RETRIES ->
            count(readings, kind, "producer_retries", "Records that were sent again.");
        case PRODUCER_ERRORS ->
            count(readings, kind, "producer_errors", "Records that could not be sent.");
        case PRODUCER_BYTES ->
            count(readings, kind, "producer_bytes", "Bytes that producers sent.");
        case PRODUCER_LATENCY_MILLIS ->
            seconds(readings, kind, "producer_latency", "Mean time to an acknowledgement.");
        case PRODUCER_CONNECTIONS ->
            show(readings, kind, "producer_connections", "Connections of producers.");
        case CONSUMER_BYTES -> count(readings, kind, "consumer_bytes", "Bytes that were read.");
        case CONSUMER_RECORDS ->
            count(readings, kind, "consumer_records", "Records that were read.");
        case CONSUMER_LAG ->
            show(readings, kind, "consumer_lag_records", "Greatest lag of a partition's reader.");
        case CONSUMER_CONNECTIONS ->
            show(readings, kind, "consumer_connections", "Connections of consumers.");
        case STREAMS_THREADS -> show(readings, kind, "streams_threads", "Stream threads that run.");
        case STREAMS_FAILED_THREADS ->
            show(readings, kind, "streams_failed_threads", "Stream threads that failed.");
        case STREAMS_RECORDS ->
            count(readings, kind, "streams_records", "Records that Streams processed.");
        case STREAMS_COMMITS -> count(readings, kind, "streams_commits", "Commits of Streams.");
        case STREAMS_COMMIT_LATENCY_MILLIS ->
            seconds(readings, kind, "streams_commit_latency", "Mean time of a commit.");
      }
    }
  }

  private static void count(
      Readings<Integer> readings, LogMetrics.Kind kind, String name, String help) {
    readings.counter("tidemark_kafka_" + name, help, _ -> LogMetrics.read(kind));
  }

  private static void show(
      Readings<Integer> readings, LogMetrics.Kind kind, String name, String help) {
    readings.gauge("tidemark_kafka_" + name, help, _ -> LogMetrics.read(kind));
  }

  private static void seconds(
      Readings<Integer> readings, LogMetrics.Kind kind, String name, String help) {
    readings.gauge("tidemark_kafka_" + name + "_seconds", help, _ -> LogMetrics.read(kind) / 1_000);
  }
}
