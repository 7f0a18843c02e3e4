package dev.tidemark.cli.repair;

import dev.tidemark.log.ChangeReader;
import dev.tidemark.log.Heads;
import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogRecord;
import dev.tidemark.log.LogTopics;
import dev.tidemark.repository.verify.LoggedChanges;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Head;
import dev.tidemark.schemas.topic.Partitioning;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** The changes topic: what was sealed within its retention. */
public final class LogOfChanges implements LoggedChanges {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final LogConnection log;
  private final LogTopics topics;
  private final Map<TreeName, Head> heads;
  private final int partitions;

  private LogOfChanges(
      LogConnection log, LogTopics topics, Map<TreeName, Head> heads, int partitions) {
    this.log = log;
    this.topics = topics;
    this.heads = heads;
    this.partitions = partitions;
  }

  /**
   * Asks the broker for the topics, and how far the trees were sealed by now.
   *
   * @param partitions in how many the repository's changes are spread
   */
  public static LogOfChanges open(LogConnection log, int partitions) throws IOException {
    try (LogAdmin admin = LogAdmin.connect(log)) {
      LogTopics topics = admin.requireTopics();
      return new LogOfChanges(log, topics, Heads.readAll(log, topics), partitions);
    }
  }

  @Override
  public String name() {
    return "the log at " + log.bootstrapServers();
  }

  @Override
  public UUID topic() {
    return topics.changes().id();
  }

  @Override
  public int partitionOf(TreeName tree) {
    return Partitioning.of(tree, partitions);
  }

  @Override
  public long firstOffset(int partition) throws IOException {
    try (ChangeReader reader = new ChangeReader(log, topics, partition, 0)) {
      return reader.beginningOffset();
    }
  }

  @Override
  public Optional<Cursor> sealed(TreeName tree) {
    return Optional.ofNullable(heads.get(tree)).map(Head::sealed);
  }

  @Override
  public void read(int partition, TreeName tree, long from, Visitor visitor) throws IOException {
    try (ChangeReader reader = new ChangeReader(log, topics, partition, from)) {
      long end = reader.endOffset();
      long position = from;
      long progress = System.nanoTime();
      while (position < end) {
        for (LogRecord record : reader.poll(POLL)) {
          boolean isOfTree = record.change().tree().equals(tree);
          if (isOfTree
              && !visitor.visit(record.offset(), record.logTimeMillis(), record.change())) {
            return;
          }
        }
        long now = reader.position();
        if (now > position) {
          position = now;
          progress = System.nanoTime();
        } else if (System.nanoTime() - progress > PATIENCE.toNanos()) {
          throw new IOException(
              "The broker %s stopped answering while the log of tree %s was read. Try again."
                  .formatted(log.bootstrapServers(), tree));
        }
      }
    }
  }
}
