package dev.tidemark.log;

import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Kafka clients with the settings on which promises rest, and with the connection's own properties;
 * no client is made elsewhere, so that none is made without them.
 *
 * <p>Producers never give a record up by themselves: they retry until they are closed, keep the
 * order within a partition, and write no duplicates while they live. {@code send} waits without
 * limit for buffer space and for the broker; interrupt the thread to end that. Every record must be
 * sent to an explicit partition.
 */
public final class LogClients {
  private static final int MIB = 1024 * 1024;

  private LogClients() {}

  /** For frames, up to 1 MiB each: buffers 64 MiB, packs what waits into batches of 1 MiB. */
  public static Producer<byte[], byte[]> frameProducer(LogConnection connection) {
    Map<String, Object> settings = producerSettings(connection);
    settings.put("buffer.memory", 64L * MIB);
    settings.put("batch.size", MIB);
    // Frames are compressed already.
    settings.put("compression.type", "none");
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** For changes and other small records: sent at once, 32 MiB buffered. */
  public static Producer<byte[], byte[]> changeProducer(LogConnection connection) {
    Map<String, Object> settings = producerSettings(connection);
    settings.put("buffer.memory", 32L * MIB);
    settings.put("batch.size", 256 * 1024);
    settings.put("compression.type", "none");
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /**
   * A reader without group: partitions are assigned by hand, offsets kept by the caller, committed
   * records alone are seen, and an offset out of range is an {@code OffsetOutOfRangeException},
   * never a silent jump.
   */
  public static Consumer<byte[], byte[]> reader(LogConnection connection, ReadMode mode) {
    Map<String, Object> settings = connection.clientSettings();
    settings.remove("group.id");
    settings.put("enable.auto.commit", false);
    settings.put("auto.offset.reset", "none");
    settings.put("isolation.level", "read_committed");
    settings.put("allow.auto.create.topics", false);
    settings.put("default.api.timeout.ms", (int) LogFailures.PATIENCE.toMillis());
    settings.put("reconnect.backoff.max.ms", 1_000);
    settings.put("fetch.min.bytes", 1);
    switch (mode) {
      case FOLLOW -> {
        settings.put("fetch.max.wait.ms", 500);
        settings.put("max.partition.fetch.bytes", 2 * MIB);
        settings.put("fetch.max.bytes", 8 * MIB);
        settings.put("max.poll.records", 1_000);
      }
      case RANDOM -> {
        // A consumer waits out the fetch it has in flight, even if nobody wants its answer.
        settings.put("fetch.max.wait.ms", 1);
        settings.put("max.partition.fetch.bytes", MIB / 4);
        settings.put("fetch.max.bytes", 2 * MIB);
        settings.put("max.poll.records", 100);
      }
      case BULK -> {
        settings.put("fetch.max.wait.ms", 10);
        settings.put("max.partition.fetch.bytes", 4 * MIB);
        settings.put("fetch.max.bytes", 16 * MIB);
        settings.put("max.poll.records", 1_000);
      }
    }
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * For looking at topics and groups, and for making topics.
   *
   * @param more settings of this one use, such as its time-outs
   */
  public static Admin admin(LogConnection connection, Map<String, Object> more) {
    Map<String, Object> settings = connection.clientSettings();
    settings.putAll(more);
    return Admin.create(settings);
  }

  private static Map<String, Object> producerSettings(LogConnection connection) {
    Map<String, Object> settings = connection.clientSettings();
    settings.remove("transactional.id");
    settings.put("acks", "all");
    settings.put("enable.idempotence", true);
    settings.put("max.in.flight.requests.per.connection", 5);
    settings.put("retries", Integer.MAX_VALUE);
    // An expired record would be a hole in the numbers with later ones behind it.
    settings.put("delivery.timeout.ms", Integer.MAX_VALUE);
    settings.put("max.block.ms", Long.MAX_VALUE);
    settings.put("linger.ms", 0);
    settings.put("reconnect.backoff.max.ms", 1_000);
    // A quiet tree's first change does not wait for metadata to be fetched again.
    settings.put("metadata.max.idle.ms", 24L * 60 * 60 * 1000);
    return settings;
  }
}
