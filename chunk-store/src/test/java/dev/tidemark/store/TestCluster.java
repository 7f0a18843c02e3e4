package dev.tidemark.store;

import dev.tidemark.broker.EmbeddedBroker;
import dev.tidemark.log.Heads;
import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogTopics;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Head;
import dev.tidemark.schemas.topic.TopicContract;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;

/**
 * One installation's topics on a broker that tests share; each installation has a prefix of its
 * own.
 */
final class TestCluster {
  final LogConnection connection;
  LogTopics topics;

  TestCluster(EmbeddedBroker broker, String prefix, int chunksPartitions) throws IOException {
    connection = new LogConnection(broker.bootstrapServers(), prefix, Map.of());
    topics = create(chunksPartitions);
  }

  LogTopics create(int chunksPartitions) throws IOException {
    try (LogAdmin admin = LogAdmin.connect(connection)) {
      topics =
          admin.createTopics(new TopicContract(connection.topicPrefix(), chunksPartitions, 2, 1));
      return topics;
    }
  }

  ChunkStoreConfig config(Path folder) {
    return ChunkStoreConfig.of(
            connection, folder.resolve("repository").toString(), folder.resolve("state"))
        .withFlushInterval(Duration.ofMillis(300))
        .withPackBytes(1 << 20);
  }

  /** One of several chunk-stores on the same repository, with a state of its own. */
  ChunkStoreConfig config(Path folder, String state) {
    return ChunkStoreConfig.of(
            connection, folder.resolve("repository").toString(), folder.resolve(state))
        .withFlushInterval(Duration.ofMillis(300))
        .withPackBytes(256 << 10)
        .withCopies(1, 1);
  }

  TestWriter writer(String tree) {
    return new TestWriter(connection, topics, tree);
  }

  Optional<Head> head(String tree) {
    try {
      return Heads.find(connection, topics, new TreeName(tree));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Waits until the tree is sealed to the sequence. */
  Head awaitSealed(String tree, long sequence) {
    return awaitHead(tree, head -> head.sealed().sequence() >= sequence);
  }

  Head awaitHead(String tree, java.util.function.Predicate<Head> condition) {
    Awaitility.await()
        .alias("head of " + tree)
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(100))
        .conditionEvaluationListener(
            evaluated -> {
              if (evaluated.getRemainingTimeInMS() < 200) {
                System.err.println("last seen: " + head(tree));
              }
            })
        .until(() -> head(tree).filter(condition).isPresent());
    return head(tree).orElseThrow();
  }
}
