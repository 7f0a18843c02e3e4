package dev.tidemark.schemas.topic;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The topics of one installation.
 *
 * @param prefix put before every name, such as {@code tidemark.}
 * @param replication copies of each partition; with three or more, two must be in step to
 *     acknowledge
 */
public record TopicContract(
    String prefix, int chunksPartitions, int changesPartitions, int replication) {
  public static final String DEFAULT_PREFIX = "tidemark.";
  public static final int DEFAULT_CHUNKS_PARTITIONS = 8;
  public static final int DEFAULT_CHANGES_PARTITIONS = 4;

  /** Key of the one record in {@code repository}. */
  public static final String REPOSITORY_KEY = "repository";

  public TopicContract {
    if (chunksPartitions < 1 || changesPartitions < 1 || replication < 1) {
      throw new IllegalArgumentException(
          "partitions %d and %d, replication %d: expected at least 1 each"
              .formatted(chunksPartitions, changesPartitions, replication));
    }
  }

  /** One topic: its settings are what must be true of it, not merely its defaults. */
  public record TopicSpec(
      String name, int partitions, int replication, Map<String, String> settings) {
    public TopicSpec {
      settings = Map.copyOf(settings);
    }
  }

  public TopicSpec chunks() {
    return deleted("chunks", chunksPartitions, Duration.ofDays(7));
  }

  public TopicSpec changes() {
    return deleted("changes", changesPartitions, Duration.ofDays(30));
  }

  public TopicSpec watermarks() {
    return compacted("watermarks");
  }

  public TopicSpec heads() {
    return compacted("heads");
  }

  public TopicSpec standbys() {
    return compacted("standbys");
  }

  public TopicSpec repository() {
    return compacted("repository");
  }

  public TopicSpec condemned() {
    return deleted("condemned", chunksPartitions, Duration.ofDays(7));
  }

  public TopicSpec released() {
    return deleted("released", chunksPartitions, Duration.ofDays(7));
  }

  public TopicSpec commands() {
    return deleted("commands", 1, Duration.ofDays(30));
  }

  public List<TopicSpec> all() {
    return List.of(
        chunks(),
        changes(),
        watermarks(),
        heads(),
        standbys(),
        repository(),
        condemned(),
        released(),
        commands());
  }

  private TopicSpec deleted(String name, int partitions, Duration retention) {
    return spec(
        name,
        partitions,
        Map.of(
            "cleanup.policy", "delete",
            "retention.ms", Long.toString(retention.toMillis()),
            "retention.bytes", "-1"));
  }

  private TopicSpec compacted(String name) {
    return spec(name, 1, Map.of("cleanup.policy", "compact"));
  }

  private TopicSpec spec(String name, int partitions, Map<String, String> own) {
    Map<String, String> settings = new TreeMap<>(own);
    // A producer's clock must decide neither what is kept nor which instant a change belongs to.
    settings.put("message.timestamp.type", "LogAppendTime");
    settings.put("unclean.leader.election.enable", "false");
    if (replication >= 3) {
      settings.put("min.insync.replicas", "2");
    }
    return new TopicSpec(prefix + name, partitions, replication, settings);
  }
}
