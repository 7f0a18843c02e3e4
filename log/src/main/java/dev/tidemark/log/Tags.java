package dev.tidemark.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Cause;
import dev.tidemark.schemas.change.Change.Frames;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Head;
import dev.tidemark.schemas.cursor.Verdict;
import dev.tidemark.schemas.topic.Partitioning;
import dev.tidemark.schemas.topic.RepositoryDescriptor;
import java.io.IOException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * Named instants, from any process that may write to the changes topic. A tag has no epoch and no
 * number, since it is no writer's; it has an identity of its own and is counted once.
 */
public final class Tags {
  private static final Duration POLL = Duration.ofMillis(100);

  private Tags() {}

  /**
   * A tag that is acknowledged and counted.
   *
   * @param sequence its place in the tree's history
   */
  public record LoggedTag(UUID id, long sequence, long offset, long logTimeMillis) {}

  /** There is no tree of that name to be tagged: no writer has begun a term. */
  public static final class NoEpochException extends IOException {
    private static final long serialVersionUID = 1L;

    NoEpochException(TreeName tree) {
      super(
          ("tree %s has no writer in this log, so that there is no state to name. `tidemark trees`"
                  + " lists the trees; `tidemark watch %s=DIR` or `tidemark up` begins one.")
              .formatted(tree, tree));
    }
  }

  /**
   * Publishes a tag behind everything that is in the log now.
   *
   * @param id under which it counts once, however often it is sent
   * @throws NoEpochException if no writer ever began a term of the tree
   * @throws IOException if the broker does not acknowledge it in time: then it may be in the log or
   *     not, and may be sent again under the same id
   */
  public static LoggedTag publish(
      LogConnection connection,
      LogTopics topics,
      TreeName tree,
      String label,
      UUID id,
      long capturedAtMicros)
      throws IOException {
    Cursor before =
        Heads.find(connection, topics, tree)
            .map(Head::accepted)
            .filter(cursor -> cursor.hasEpoch())
            .filter(cursor -> cursor.changesTopic().equals(topics.changes().id()))
            .orElseThrow(() -> new NoEpochException(tree));
    int partition =
        Partitioning.of(
            tree,
            Descriptors.find(connection, topics)
                .map(RepositoryDescriptor::changesPartitions)
                .orElse(topics.changes().partitions()));
    byte[] encoded =
        Records.encode(
            new Change(
                tree,
                Change.NO_EPOCH,
                0,
                id,
                capturedAtMicros,
                Cause.LIVE,
                Frames.NONE,
                new Change.Tag(id, label)));
    RecordMetadata sent = send(connection, topics, tree, partition, encoded);
    return new LoggedTag(
        id,
        sequence(connection, topics, tree, before, sent.offset()),
        sent.offset(),
        sent.timestamp());
  }

  private static RecordMetadata send(
      LogConnection connection, LogTopics topics, TreeName tree, int partition, byte[] encoded)
      throws IOException {
    String doing = "tagging tree " + tree;
    Producer<byte[], byte[]> producer = LogClients.changeProducer(connection);
    try {
      return producer
          .send(
              new ProducerRecord<>(
                  topics.changes().name(), partition, tree.value().getBytes(UTF_8), encoded))
          .get(LogFailures.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw LogFailures.translate(connection, doing, e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      throw new BrokerUnreachableException(connection, doing, LogFailures.PATIENCE);
    } catch (InterruptedException e) {
      throw LogFailures.interrupted(doing);
    } finally {
      producer.close(Duration.ZERO);
    }
  }

  /** Counts as every reader does, from where the cataloguer stood before. */
  private static long sequence(
      LogConnection connection, LogTopics topics, TreeName tree, Cursor before, long offset)
      throws IOException {
    Cursor cursor = before;
    long deadline = System.nanoTime() + LogFailures.PATIENCE.toNanos();
    try (ChangeReader reader =
        new ChangeReader(connection, topics, before.partition(), before.nextOffset())) {
      while (System.nanoTime() < deadline) {
        for (LogRecord record : reader.poll(POLL)) {
          if (!record.change().tree().equals(tree)) {
            continue;
          }
          Verdict verdict = cursor.accept(record.change(), record.offset(), record.logTimeMillis());
          cursor = verdict.next();
          if (record.offset() == offset) {
            return require(tree, verdict);
          }
        }
      }
    }
    throw new BrokerUnreachableException(
        connection, "reading the tag of tree " + tree, LogFailures.PATIENCE);
  }

  private static long require(TreeName tree, Verdict verdict) throws IOException {
    if (verdict instanceof Verdict.Accepted(Cursor next)) {
      return next.sequence();
    }
    throw new IOException(
        ("the tag of tree %s is in the log but does not count: %s. `tidemark status` shows the"
                + " tree; tag it again when it is well.")
            .formatted(
                tree,
                verdict instanceof Verdict.Rejected(_, var reason)
                    ? reason
                    : verdict.next().fault().detail()));
  }

  /** The sequence of the last accepted tag with this label behind a cursor; empty if none is. */
  public static OptionalLong findAfter(
      LogConnection connection, LogTopics topics, TreeName tree, Cursor after, String label)
      throws IOException {
    Cursor cursor = after;
    OptionalLong found = OptionalLong.empty();
    long deadline = System.nanoTime() + LogFailures.PATIENCE.toNanos();
    try (ChangeReader reader =
        new ChangeReader(connection, topics, after.partition(), after.nextOffset())) {
      long end = reader.endOffset();
      while (reader.position() < end) {
        if (System.nanoTime() > deadline) {
          throw new BrokerUnreachableException(
              connection, "reading the log of tree " + tree, LogFailures.PATIENCE);
        }
        for (LogRecord record : reader.poll(POLL)) {
          if (!record.change().tree().equals(tree)) {
            continue;
          }
          Verdict verdict = cursor.accept(record.change(), record.offset(), record.logTimeMillis());
          cursor = verdict.next();
          if (verdict instanceof Verdict.Accepted
              && record.change().body() instanceof Change.Tag(_, var name)
              && name.equals(label)) {
            found = OptionalLong.of(cursor.sequence());
          }
          deadline = System.nanoTime() + LogFailures.PATIENCE.toNanos();
        }
      }
    }
    return found;
  }
}
