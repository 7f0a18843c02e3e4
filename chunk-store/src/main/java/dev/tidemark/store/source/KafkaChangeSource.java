package dev.tidemark.store.source;

import dev.tidemark.log.AccessDeniedByBrokerException;
import dev.tidemark.log.ChangeReader;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogRecord;
import dev.tidemark.log.LogTopics;
import dev.tidemark.log.OffsetLostException;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** Changes from Kafka, by a reader of its own for each reading. */
public final class KafkaChangeSource implements ChangeSource {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final LogConnection connection;
  private final LogTopics topics;
  private final Admin admin;

  /**
   * @param admin stays its owner's
   */
  public KafkaChangeSource(LogConnection connection, LogTopics topics, Admin admin) {
    this.connection = connection;
    this.topics = topics;
    this.admin = admin;
  }

  @Override
  public void read(int partition, TreeName tree, long from, long to, Visitor visitor)
      throws IOException {
    if (from >= to) {
      return;
    }
    try (ChangeReader reader = new ChangeReader(connection, topics, partition, from)) {
      long progress = System.nanoTime();
      long position = from;
      while (position < to) {
        for (LogRecord record : reader.poll(POLL)) {
          if (record.offset() >= to) {
            return;
          }
          boolean mine = record.change().tree().equals(tree);
          if (mine && !visitor.visit(record.offset(), record.logTimeMillis(), record.change())) {
            return;
          }
        }
        long now = reader.position();
        if (now > position) {
          position = now;
          progress = System.nanoTime();
        } else if (System.nanoTime() - progress > PATIENCE.toNanos()) {
          throw new IOException(
              "%s, partition %d: offset %d did not come within %s; expected records up to %d"
                  .formatted(topics.changes().name(), partition, position, PATIENCE, to));
        }
      }
    } catch (OffsetLostException e) {
      throw new ChangesLostException(e.toString(), e);
    }
  }

  @Override
  public long firstOffset(int partition) throws IOException {
    return offset(partition, OffsetSpec.earliest());
  }

  @Override
  public long endOffset(int partition) throws IOException {
    return offset(partition, OffsetSpec.latest());
  }

  private long offset(int partition, OffsetSpec which) throws IOException {
    TopicPartition topicPartition = new TopicPartition(topics.changes().name(), partition);
    try {
      return admin
          .listOffsets(Map.of(topicPartition, which))
          .partitionResult(topicPartition)
          .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
          .offset();
    } catch (ExecutionException | TimeoutException e) {
      Optional<AccessDeniedByBrokerException> denied =
          AccessDeniedByBrokerException.find(
              connection, "asking for offsets of " + topicPartition, e);
      if (denied.isPresent()) {
        throw denied.get();
      }
      throw new IOException("%s: its offsets could not be had".formatted(topicPartition), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while asking for offsets");
    }
  }
}
