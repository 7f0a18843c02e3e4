package dev.tidemark.browse;

import dev.tidemark.log.ChangeReader;
import dev.tidemark.log.Descriptors;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogRecord;
import dev.tidemark.log.LogTopics;
import dev.tidemark.log.OffsetLostException;
import dev.tidemark.repository.history.At;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Verdict;
import dev.tidemark.schemas.topic.Partitioning;
import dev.tidemark.schemas.topic.RepositoryDescriptor;
import dev.tidemark.schemas.tree.Tree;
import dev.tidemark.schemas.tree.TreeBase;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/** Applies to the newest sealed tree what the log has behind it, up to an instant. */
final class UnsealedTail {
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final LogConnection connection;
  private final LogTopics topics;
  private final TreeName tree;
  private final InstantSource clock;

  UnsealedTail(LogConnection connection, LogTopics topics, TreeName tree, InstantSource clock) {
    this.connection = connection;
    this.topics = topics;
    this.tree = tree;
    this.clock = clock;
  }

  /** Is shown each change of the tail, in order, once it is applied. */
  interface Listener {
    /** Of those that want the result alone. */
    Listener NONE = (_, _, _) -> {};

    /**
     * @param reached its place
     * @param tree with it applied
     */
    void applied(Change change, Cursor reached, Tree tree) throws IOException;
  }

  /** The sealed tree that was given, with the tail applied. */
  OpenTree apply(Tree sealed, Cursor from, At until, Listener listener) throws IOException {
    int partition = partition();
    boolean sameLog = from.changesTopic().equals(topics.changes().id());
    long first = sameLog ? from.nextOffset() : 0;
    try (ChangeReader reader = new ChangeReader(connection, topics, partition, first)) {
      Cursor start = sameLog ? from : from.newIncarnation(topics.changes().id(), partition, 0);
      return replay(reader, sealed, start, until, listener);
    } catch (OffsetLostException e) {
      throw new IOException(
          ("Tree %s is sealed to change %d; the log no longer has what follows. Ask for an instant"
                  + " up to then, or leave the broker out.")
              .formatted(tree, from.sequence()),
          e);
    }
  }

  /** A tree of which nothing is sealed, out of a log that still has its beginning. */
  OpenTree applyAll(At until, Listener listener) throws IOException {
    long after =
        Descriptors.find(connection, topics).map(RepositoryDescriptor::sequencesAfter).orElse(0L);
    return apply(
        Tree.on(TreeBase.EMPTY),
        Cursor.start(topics.changes().id(), partition(), 0, after),
        until,
        listener);
  }

  private int partition() throws IOException {
    int partitions =
        Descriptors.find(connection, topics)
            .map(RepositoryDescriptor::changesPartitions)
            .orElse(topics.changes().partitions());
    return Partitioning.of(tree, partitions);
  }

  private OpenTree replay(
      ChangeReader reader, Tree applied, Cursor start, At until, Listener listener)
      throws IOException {
    long asked = clock.millis();
    long end = reader.endOffset();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    Cursor cursor = start;
    long count = 0;
    while (reader.position() < end) {
      List<LogRecord> records = reader.poll(POLL);
      if (!records.isEmpty()) {
        deadline = System.nanoTime() + PATIENCE.toNanos();
      } else if (System.nanoTime() > deadline) {
        throw new IOException(
            "The broker %s stopped answering while the log of tree %s was read. Try again, or leave the broker out."
                .formatted(connection.bootstrapServers(), tree));
      }
      for (LogRecord record : records) {
        if (record.offset() >= end || !record.change().tree().equals(tree)) {
          continue;
        }
        Verdict verdict = cursor.accept(record.change(), record.offset(), record.logTimeMillis());
        if (verdict instanceof Verdict.Accepted(Cursor next)) {
          if (isPast(next, until)) {
            return result(applied, cursor, count, completeTo(until, next.logTimeMillis()));
          }
          applied.apply(record.change().body());
          listener.applied(record.change(), next, applied);
          count++;
        }
        cursor = verdict.next();
      }
    }
    return result(applied, cursor, count, completeTo(until, asked));
  }

  private static boolean isPast(Cursor next, At until) {
    return switch (until) {
      case At.Newest() -> false;
      case At.Sequence(long sequence) -> next.sequence() > sequence;
      case At.Time(long logTimeMillis) -> next.logTimeMillis() > logTimeMillis;
    };
  }

  private static long completeTo(At until, long readTo) {
    return until instanceof At.Time(long wanted) ? Math.min(wanted, readTo) : readTo;
  }

  private OpenTree result(Tree applied, Cursor cursor, long count, long completeTo) {
    return new OpenTree(
        tree, applied, cursor.sequence(), cursor.logTimeMillis(), completeTo, count, cursor);
  }
}
