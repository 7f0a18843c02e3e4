package dev.tidemark.store;

import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.streams.StreamsConfig;

/**
 * Kafka Streams' settings. Those that correctness rests on are put last and cannot be overridden by
 * the connection's own.
 *
 * <p>The group uses static membership: a process that was killed and comes back is known again at
 * once by its instance id. A process that does not come back is missed after the session timeout of
 * 10 s; its open transaction holds its partitions no longer than 30 s.
 */
final class StreamsSettings {
  private static final int MIB = 1 << 20;

  /** Frames are about this long where it matters for memory. */
  private static final int TYPICAL_FRAME_BYTES = 256 << 10;

  private StreamsSettings() {}

  static Properties of(ChunkStoreConfig config, String instanceId, int partitions) {
    Properties settings = new Properties();
    // Includes kernel-sized socket buffers.
    Map<String, Object> connection = config.log().clientSettings();
    connection.forEach((key, value) -> settings.put(key, value));
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, config.applicationId());
    settings.put(
        StreamsConfig.STATE_DIR_CONFIG, config.stateFolder().resolve("streams").toString());
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, config.streamThreads());
    settings.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, config.standbyReplicas());
    settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, config.internalReplication());
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 1_000L);
    settings.put(StreamsConfig.POLL_MS_CONFIG, 50L);
    settings.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, BoundedRocks.class);
    settings.put(
        StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 4L * MIB * config.streamThreads());
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    input(settings, config, partitions);
    group(settings, instanceId);
    output(settings, config);
    return settings;
  }

  /**
   * Streams bounds its input by records and adds whole polls to it, so both are set from bytes:
   * what a partition may have queued, and what one fetch may bring.
   */
  private static void input(Properties settings, ChunkStoreConfig config, int partitions) {
    long perPartition = config.inputBytes() / 2 / Math.max(1, partitions);
    settings.put(
        StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG,
        Math.clamp(perPartition / TYPICAL_FRAME_BYTES, 8, 1_000));
    int fetch = Math.clamp(config.inputBytes() / 4 / config.streamThreads(), 2 * MIB, 16 * MIB);
    put(settings, ConsumerConfig.FETCH_MAX_BYTES_CONFIG, fetch);
    put(settings, ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, Math.max(2 * MIB, fetch / 4));
    put(settings, ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 100);
    put(settings, ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1_000);
    put(settings, ConsumerConfig.METADATA_MAX_AGE_CONFIG, 60_000);
    put(settings, ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
  }

  private static void group(Properties settings, String instanceId) {
    put(settings, ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 10_000);
    put(settings, ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 2_000);
    settings.put(
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), instanceId);
  }

  private static void output(Properties settings, ChunkStoreConfig config) {
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 20);
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 128 << 10);
    // The broker checks a partition's first batch of a transaction before it appends it; a second
    // one in flight would
    // overtake it and be refused as out of order, with an error in the broker's log for each.
    settings.put(
        StreamsConfig.producerPrefix(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION), 1);
    // The longest blocking call within a transaction takes a second; a rebuilt chunk index some
    // more.
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), 30_000);
    if (config.internalReplication() >= 3) {
      settings.put(StreamsConfig.topicPrefix(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG), "2");
    }
    settings.put(
        StreamsConfig.topicPrefix(TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG), "false");
  }

  private static void put(Properties settings, String consumerSetting, Object value) {
    settings.put(StreamsConfig.consumerPrefix(consumerSetting), value);
  }
}
