package dev.tidemark.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.topic.RepositoryDescriptor;
import dev.tidemark.schemas.topic.TopicContract;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** The descriptor of the repository to which a log belongs. */
public final class Descriptors {
  private Descriptors() {}

  /**
   * The descriptor that is published; empty if the log belongs to no repository yet.
   *
   * @throws TopicPolicyException if a topic has fewer partitions than the descriptor counts
   */
  public static Optional<RepositoryDescriptor> find(LogConnection connection, LogTopics topics)
      throws IOException {
    List<RepositoryDescriptor> all = readAll(connection, topics);
    if (all.isEmpty()) {
      return Optional.empty();
    }
    RepositoryDescriptor newest = all.getLast();
    requirePartitions(topics.chunks(), newest.chunksPartitions());
    requirePartitions(topics.changes(), newest.changesPartitions());
    return Optional.of(newest);
  }

  /**
   * Publishes the descriptor unless it is there already; returns what is published.
   *
   * @throws DescriptorConflictException if the log belongs to another repository, or to this one
   *     with other values
   * @throws TopicPolicyException if a topic has fewer partitions than the descriptor counts
   */
  public static RepositoryDescriptor publish(
      LogConnection connection, LogTopics topics, RepositoryDescriptor descriptor)
      throws IOException {
    requirePartitions(topics.chunks(), descriptor.chunksPartitions());
    requirePartitions(topics.changes(), descriptor.changesPartitions());
    Optional<RepositoryDescriptor> present = find(connection, topics);
    if (present.isPresent()) {
      requireSame(topics, present.get(), descriptor);
      return present.get();
    }
    send(connection, topics, descriptor);
    // Two may have found nothing at the same moment. The first in the log is the one that counts.
    RepositoryDescriptor first = readAll(connection, topics).getFirst();
    if (!first.equals(descriptor)) {
      send(connection, topics, first);
    }
    requireSame(topics, first, descriptor);
    return first;
  }

  private static void requireSame(
      LogTopics topics, RepositoryDescriptor present, RepositoryDescriptor wanted)
      throws DescriptorConflictException {
    if (!present.id().equals(wanted.id())) {
      throw new DescriptorConflictException(
          ("Topic %s belongs to repository %s, not to %s. Use that repository, or another topic"
                  + " prefix or broker for this one.")
              .formatted(topics.repository().name(), present.id(), wanted.id()));
    }
    if (!present.equals(wanted)) {
      throw new DescriptorConflictException(
          ("Topic %s describes repository %s with other values: format %d, chunk bounds %s,"
                  + " partitions %d and %d; expected format %d, chunk bounds %s, partitions %d and"
                  + " %d. They are fixed when a repository is made.")
              .formatted(
                  topics.repository().name(),
                  present.id(),
                  present.formatVersion(),
                  present.chunkBounds(),
                  present.chunksPartitions(),
                  present.changesPartitions(),
                  wanted.formatVersion(),
                  wanted.chunkBounds(),
                  wanted.chunksPartitions(),
                  wanted.changesPartitions()));
    }
  }

  private static void requirePartitions(TopicHandle topic, int count) throws TopicPolicyException {
    if (topic.partitions() < count) {
      throw new TopicPolicyException(
          ("Topic %s has %d partitions, the repository's descriptor counts %d. Add partitions up to"
                  + " that count with kafka-topics.sh --alter --topic %s --partitions %d")
              .formatted(topic.name(), topic.partitions(), count, topic.name(), count));
    }
  }

  /** All values that the topic still holds, oldest first. */
  private static List<RepositoryDescriptor> readAll(LogConnection connection, LogTopics topics)
      throws IOException {
    List<byte[]> values = new ArrayList<>();
    CompactedTopic.replay(
        connection,
        topics.repository(),
        (key, value) -> {
          if (value != null && key.equals(TopicContract.REPOSITORY_KEY)) {
            values.add(value);
          }
        });
    List<RepositoryDescriptor> descriptors = new ArrayList<>();
    for (byte[] value : values) {
      try {
        descriptors.add(Records.decodeDescriptor(value));
      } catch (IOException e) {
        throw new IOException(
            ("Topic %s: %s. It was written by a newer version, or by another program; upgrade this"
                    + " one.")
                .formatted(topics.repository().name(), e.getMessage()),
            e);
      }
    }
    return descriptors;
  }

  private static void send(
      LogConnection connection, LogTopics topics, RepositoryDescriptor descriptor)
      throws IOException {
    String doing = "publishing the descriptor of repository " + descriptor.id();
    Producer<byte[], byte[]> producer = LogClients.changeProducer(connection);
    try {
      producer
          .send(
              new ProducerRecord<>(
                  topics.repository().name(),
                  0,
                  TopicContract.REPOSITORY_KEY.getBytes(UTF_8),
                  Records.encode(descriptor)))
          .get(LogFailures.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw LogFailures.translate(connection, doing, e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      throw new BrokerUnreachableException(connection, doing, LogFailures.PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while " + doing);
    } finally {
      producer.close(Duration.ZERO);
    }
  }
}
