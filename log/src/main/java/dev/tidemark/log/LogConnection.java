package dev.tidemark.log;

import dev.tidemark.log.access.Role;
import dev.tidemark.schemas.topic.TopicContract;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How to reach the log.
 *
 * @param bootstrapServers {@code host:port}, several separated by commas
 * @param topicPrefix put before every topic's name; may be empty
 * @param properties further Kafka client settings, such as those of TLS and SASL; they never
 *     override what correctness needs
 * @param role in which the log is used, for messages about rights; null if it is none of them
 */
public record LogConnection(
    String bootstrapServers,
    String topicPrefix,
    Map<String, String> properties,
    @Nullable Role role) {
  /** An option of a login module, its value in quotes or without. */
  private static final Pattern OPTION =
      Pattern.compile("(\\w+)\\s*=\\s*(?:\"([^\"]*)\"|'([^']*)'|([^\\s;\"']+))");

  private static final String DEFAULT_REPORTER = "org.apache.kafka.common.metrics.JmxReporter";
  private static final String REPORTER = LogMetricsReporter.class.getName();

  public LogConnection {
    if (bootstrapServers.isBlank()) {
      throw new IllegalArgumentException(
          "the address of the broker is empty: expected host:port, several separated by commas");
    }
    properties = Map.copyOf(properties);
  }

  /** Of no role in particular. */
  public LogConnection(
      String bootstrapServers, String topicPrefix, Map<String, String> properties) {
    this(bootstrapServers, topicPrefix, properties, null);
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
    settings.merge(
        "metric.reporters", DEFAULT_REPORTER + "," + REPORTER, (own, _) -> own + "," + REPORTER);
    return settings;
  }

  /** The same, used in a role. */
  public LogConnection as(Role usedIn) {
    return new LogConnection(bootstrapServers, topicPrefix, properties, usedIn);
  }

  /**
   * The broker's name for who this is, such as {@code User:web1}; empty where the settings do not
   * tell: a certificate's name is what the broker makes of it, a token's what stands in it.
   */
  public Optional<String> findPrincipal() {
    Matcher option = OPTION.matcher(properties.getOrDefault("sasl.jaas.config", ""));
    return option
        .results()
        .filter(found -> found.group(1).equals("username"))
        .flatMap(found -> Stream.of(2, 3, 4).map(found::group).filter(Objects::nonNull))
        .filter(name -> !name.contains("${"))
        .map(name -> "User:" + name)
        .findFirst();
  }

  /** Without the values of the properties, which may be secret. */
  @Override
  public String toString() {
    return "%s, topics %s*, settings %s"
        .formatted(bootstrapServers, topicPrefix, properties.keySet());
  }
}
