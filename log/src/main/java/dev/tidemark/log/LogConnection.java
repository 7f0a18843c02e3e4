package dev.tidemark.log;

import dev.tidemark.schemas.topic.TopicContract;
import java.util.HashMap;
import java.util.Map;

/**
 * How to reach the log.
 *
 * @param bootstrapServers {@code host:port}, several separated by commas
 * @param topicPrefix put before every topic's name; may be empty
 * @param properties further Kafka client settings, such as those of TLS and SASL; they never
 *     override what correctness needs
 */
public record LogConnection(
    String bootstrapServers, String topicPrefix, Map<String, String> properties) {
  public LogConnection {
    if (bootstrapServers.isBlank()) {
      throw new IllegalArgumentException(
          "the address of the broker is empty: expected host:port, several separated by commas");
    }
    properties = Map.copyOf(properties);
  }

  /** A plain connection with the default prefix. */
  public static LogConnection to(String bootstrapServers) {
    return new LogConnection(bootstrapServers, TopicContract.DEFAULT_PREFIX, Map.of());
  }

  /** A fresh map of what every client needs, for clients that are not made here. */
  public Map<String, Object> clientSettings() {
    Map<String, Object> settings = new HashMap<>(properties);
    settings.put("bootstrap.servers", bootstrapServers);
    // Left to the kernel: with the small defaults Java copies the rest of a large record again at
    // each partial write, which was measured to halve the throughput.
    settings.put("send.buffer.bytes", -1);
    settings.put("receive.buffer.bytes", -1);
    settings.put("enable.metrics.push", false);
    return settings;
  }

  /** Without the values of the properties, which may be secret. */
  @Override
  public String toString() {
    return "%s, topics %s*, settings %s"
        .formatted(bootstrapServers, topicPrefix, properties.keySet());
  }
}
