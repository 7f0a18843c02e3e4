package dev.tidemark.log;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.function.DoubleSupplier;

/**
 * What the Kafka clients of this process measure, brought together: one number for each {@link
 * Kind}, however many clients come and go. Thread-safe.
 */
public final class LogMetrics {
  private static final Map<Object, Source> LIVE = new ConcurrentHashMap<>();
  private static final Map<Kind, DoubleAdder> ENDED = new ConcurrentHashMap<>();

  private record Source(Kind kind, DoubleSupplier value) {}

  /** How the numbers of several clients become one. */
  private enum Joined {
    /** A sum that only grows: what a closed client had counted stays counted. */
    COUNTED,
    ADDED,
    GREATEST
  }

  /** What is told, by the names of Kafka's documentation. */
  public enum Kind {
    PRODUCER_RECORDS("producer-metrics", "record-send-total", Joined.COUNTED),
    PRODUCER_RETRIES("producer-metrics", "record-retry-total", Joined.COUNTED),
    PRODUCER_ERRORS("producer-metrics", "record-error-total", Joined.COUNTED),
    PRODUCER_BYTES("producer-metrics", "outgoing-byte-total", Joined.COUNTED),
    PRODUCER_LATENCY_MILLIS("producer-metrics", "request-latency-avg", Joined.GREATEST),
    PRODUCER_CONNECTIONS("producer-metrics", "connection-count", Joined.ADDED),
    CONSUMER_BYTES("consumer-fetch-manager-metrics", "bytes-consumed-total", Joined.COUNTED),
    CONSUMER_RECORDS("consumer-fetch-manager-metrics", "records-consumed-total", Joined.COUNTED),
    CONSUMER_LAG("consumer-fetch-manager-metrics", "records-lag-max", Joined.GREATEST),
    CONSUMER_CONNECTIONS("consumer-metrics", "connection-count", Joined.ADDED),
    STREAMS_THREADS("stream-metrics", "alive-stream-threads", Joined.ADDED),
    STREAMS_FAILED_THREADS("stream-metrics", "failed-stream-threads", Joined.ADDED),
    STREAMS_RECORDS("stream-thread-metrics", "process-total", Joined.COUNTED),
    STREAMS_COMMITS("stream-thread-metrics", "commit-total", Joined.COUNTED),
    STREAMS_COMMIT_LATENCY_MILLIS("stream-thread-metrics", "commit-latency-avg", Joined.GREATEST);

    private final String group;
    private final String metric;
    private final Joined joined;

    Kind(String group, String metric, Joined joined) {
      this.group = group;
      this.metric = metric;
      this.joined = joined;
    }

    static Optional<Kind> find(String group, String metric) {
      for (Kind kind : values()) {
        if (kind.metric.equals(metric) && kind.group.equals(group)) {
          return Optional.of(kind);
        }
      }
      return Optional.empty();
    }
  }

  private LogMetrics() {}

  /** Now, over all clients; 0 if there is none that tells it. */
  public static double read(Kind kind) {
    synchronized (ENDED) {
      return readNow(kind);
    }
  }

  private static double readNow(Kind kind) {
    double value = 0;
    for (Source source : LIVE.values()) {
      if (source.kind() == kind) {
        double of = finite(source);
        value = kind.joined == Joined.GREATEST ? Math.max(value, of) : value + of;
      }
    }
    return kind.joined == Joined.COUNTED ? value + ended(kind).sum() : value;
  }

  /** Averages and maxima of nothing are no numbers. */
  private static double finite(Source source) {
    double value = source.value().getAsDouble();
    return Double.isFinite(value) ? value : 0;
  }

  private static DoubleAdder ended(Kind kind) {
    return ENDED.computeIfAbsent(kind, _ -> new DoubleAdder());
  }

  /**
   * Takes in a number of a client.
   *
   * @param id by its identity, for {@link #remove}
   */
  static void add(Object id, Kind kind, DoubleSupplier value) {
    LIVE.put(id, new Source(kind, value));
  }

  /** The client, or what it measured, is gone; what it had counted stays counted. */
  static void remove(Object id) {
    // At once for who reads: a counter never goes down, nor counts anything twice.
    synchronized (ENDED) {
      Source source = LIVE.remove(id);
      if (source != null && source.kind().joined == Joined.COUNTED) {
        ended(source.kind()).add(finite(source));
      }
    }
  }
}
