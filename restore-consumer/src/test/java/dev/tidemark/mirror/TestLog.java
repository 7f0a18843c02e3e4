package dev.tidemark.mirror;

import dev.tidemark.broker.EmbeddedBroker;
import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogTopics;
import dev.tidemark.schemas.topic.TopicContract;
import java.io.IOException;
import java.nio.file.Path;

/** A broker with its topics. */
public final class TestLog implements AutoCloseable {
  private final EmbeddedBroker broker;
  private final LogConnection connection;
  private final LogTopics topics;

  private TestLog(EmbeddedBroker broker, LogConnection connection, LogTopics topics) {
    this.broker = broker;
    this.connection = connection;
    this.topics = topics;
  }

  public static TestLog start(Path folder) throws IOException {
    EmbeddedBroker broker = EmbeddedBroker.start(folder);
    LogConnection connection = LogConnection.to(broker.bootstrapServers());
    try (LogAdmin admin = LogAdmin.connect(connection)) {
      LogTopics topics =
          admin.createTopics(new TopicContract(TopicContract.DEFAULT_PREFIX, 4, 2, 1));
      return new TestLog(broker, connection, topics);
    }
  }

  public LogConnection connection() {
    return connection;
  }

  public LogTopics topics() {
    return topics;
  }

  @Override
  public void close() throws IOException {
    broker.close();
  }
}
