package dev.tidemark.bench;

import dev.tidemark.log.ChangeReader;
import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogClients;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogRecord;
import dev.tidemark.log.LogTopics;
import dev.tidemark.log.ReadMode;
import dev.tidemark.log.TopicHandle;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.topic.Partitioning;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** What a tree's watcher has sent since a moment. Owned by one thread. */
final class LogTail implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(2);

  private final TreeName tree;
  private final ChangeReader changes;
  private final Consumer<byte[], byte[]> frames;
  private final List<TopicPartition> framePartitions;
  private long puts;
  private long moves;
  private long removes;

  private LogTail(
      TreeName tree,
      ChangeReader changes,
      Consumer<byte[], byte[]> frames,
      List<TopicPartition> framePartitions) {
    this.tree = tree;
    this.changes = changes;
    this.frames = frames;
    this.framePartitions = framePartitions;
  }

  /** From now on. */
  static LogTail open(String bootstrapServers, TreeName tree) throws IOException {
    LogConnection connection = LogConnection.to(bootstrapServers);
    LogTopics topics;
    try (LogAdmin admin = LogAdmin.connect(connection)) {
      topics = admin.requireTopics();
    }
    int partition = Partitioning.of(tree, topics.changes().partitions());
    ChangeReader changes = new ChangeReader(connection, topics, partition, 0);
    Consumer<byte[], byte[]> frames = LogClients.reader(connection, ReadMode.BULK);
    LogTail tail = new LogTail(tree, changes, frames, partitions(topics.chunks()));
    tail.skip();
    return tail;
  }

  private static List<TopicPartition> partitions(TopicHandle topic) {
    return IntStream.range(0, topic.partitions())
        .mapToObj(partition -> new TopicPartition(topic.name(), partition))
        .toList();
  }

  /** Forgets what has been sent so far. */
  void skip() throws IOException {
    changes.seek(changes.endOffset());
    frames.assign(framePartitions);
    frames.seekToEnd(framePartitions);
    framePartitions.forEach(frames::position);
    puts = 0;
    moves = 0;
    removes = 0;
  }

  /** Takes up what has come, waiting for a moment. */
  void read() throws IOException {
    for (LogRecord record : changes.poll(POLL)) {
      if (record.change().tree().equals(tree)) {
        switch (record.change().body()) {
          case Change.Put _ -> puts++;
          case Change.Move _, Change.Exchange _ -> moves++;
          case Change.Remove _ -> removes++;
          case Change.Keep _, Change.Mark _ -> {}
        }
      }
    }
  }

  long puts() {
    return puts;
  }

  long moves() {
    return moves;
  }

  long removes() {
    return removes;
  }

  /** Bytes of all frames since, as they went over the wire. */
  long frameBytes() {
    long bytes = 0;
    var ends = frames.endOffsets(framePartitions);
    while (framePartitions.stream().anyMatch(p -> frames.position(p) < ends.getOrDefault(p, 0L))) {
      for (ConsumerRecord<byte[], byte[]> record : frames.poll(Duration.ofMillis(100))) {
        bytes += record.serializedValueSize();
      }
    }
    return bytes;
  }

  @Override
  public void close() {
    changes.close();
    frames.close();
  }
}
