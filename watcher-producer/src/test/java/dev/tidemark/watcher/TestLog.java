package dev.tidemark.watcher;

import dev.tidemark.broker.EmbeddedBroker;
import dev.tidemark.log.Descriptors;
import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogClients;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogTopics;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.chunk.ChunkBounds;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.cursor.Head;
import dev.tidemark.schemas.topic.RepositoryDescriptor;
import dev.tidemark.schemas.topic.TopicContract;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.UUID;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A real broker with the topics and the descriptor that a watcher needs. */
final class TestLog implements AutoCloseable {
  static final ChunkBounds SMALL_CHUNKS = new ChunkBounds(1 << 10, 4 << 10, 16 << 10);

  private final Path folder;
  private final LogConnection connection;
  private LogTopics topics;
  private final RepositoryDescriptor descriptor;
  private EmbeddedBroker broker;

  private TestLog(Path folder, EmbeddedBroker broker, ChunkBounds bounds) throws IOException {
    this.folder = folder;
    this.broker = broker;
    this.connection = LogConnection.to(broker.bootstrapServers());
    try (LogAdmin admin = LogAdmin.connect(connection)) {
      topics = admin.createTopics(new TopicContract(TopicContract.DEFAULT_PREFIX, 4, 2, 1));
    }
    descriptor =
        new RepositoryDescriptor(
            new UUID(1, 1),
            1,
            0,
            bounds,
            Bytes.of(new byte[RepositoryDescriptor.SEED_BYTES]),
            4,
            2);
    Descriptors.publish(connection, topics, descriptor);
  }

  static TestLog start(Path folder) throws IOException {
    return start(folder, ChunkBounds.DEFAULT);
  }

  static TestLog start(Path folder, ChunkBounds bounds) throws IOException {
    EmbeddedBroker broker = EmbeddedBroker.start(folder);
    try {
      return new TestLog(folder, broker, bounds);
    } catch (IOException e) {
      broker.close();
      throw e;
    }
  }

  LogConnection connection() {
    return connection;
  }

  LogTopics topics() {
    return topics;
  }

  RepositoryDescriptor descriptor() {
    return descriptor;
  }

  void stopBroker() throws IOException {
    broker.close();
  }

  /** On the same port, with the same data. */
  void startBroker() throws IOException {
    broker = EmbeddedBroker.start(folder);
    if (!broker.bootstrapServers().equals(connection.bootstrapServers())) {
      throw new AssertionError("another program took the broker's port meanwhile");
    }
  }

  /** As on the cluster that takes the place of a lost one. */
  void remakeTopics() throws IOException {
    try (LogAdmin admin = LogAdmin.connect(connection)) {
      topics = admin.remakeTopics("nobody");
    }
    Descriptors.publish(connection, topics, descriptor);
  }

  /** As the cataloguer does. */
  void publish(Head head) throws Exception {
    try (Producer<byte[], byte[]> producer = LogClients.changeProducer(connection)) {
      producer
          .send(
              new ProducerRecord<>(
                  topics.heads().name(),
                  0,
                  head.tree().value().getBytes(StandardCharsets.UTF_8),
                  Records.encode(head)))
          .get();
    }
  }

  /** Sends a record to the changes topic as any writer could. */
  void sendChange(dev.tidemark.schemas.change.Change change, int partition) throws Exception {
    try (Producer<byte[], byte[]> producer = LogClients.changeProducer(connection)) {
      producer
          .send(
              new ProducerRecord<>(
                  topics.changes().name(),
                  partition,
                  change.tree().value().getBytes(StandardCharsets.UTF_8),
                  Records.encode(change)))
          .get();
    }
  }

  @Override
  public void close() throws IOException {
    broker.close();
  }
}
