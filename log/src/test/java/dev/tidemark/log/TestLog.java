package dev.tidemark.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.broker.EmbeddedBroker;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.topic.Partitioning;
import dev.tidemark.schemas.topic.TopicContract;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;

/** A broker with the topics on it, and writers for them. */
final class TestLog implements AutoCloseable {
  static final UUID WRITER = new UUID(7, 7);

  private final Path folder;
  private EmbeddedBroker broker;
  private final LogConnection connection;
  private final LogTopics topics;
  private final Producer<byte[], byte[]> producer;

  private TestLog(Path folder, EmbeddedBroker broker, String prefix) throws Exception {
    this.folder = folder;
    this.broker = broker;
    this.connection = new LogConnection(broker.bootstrapServers(), prefix, Map.of());
    try (LogAdmin admin = LogAdmin.connect(connection)) {
      this.topics = admin.createTopics(new TopicContract(prefix, 4, 2, 1));
    }
    this.producer = LogClients.frameProducer(connection);
  }

  static TestLog start(Path folder) throws Exception {
    EmbeddedBroker broker = EmbeddedBroker.start(folder);
    try {
      return new TestLog(folder, broker, TopicContract.DEFAULT_PREFIX);
    } catch (Exception e) {
      broker.close();
      throw e;
    }
  }

  void stopBroker() throws Exception {
    broker.close();
  }

  /** On the same port, with the same data. */
  void startBroker() throws Exception {
    broker = EmbeddedBroker.start(folder);
    if (!broker.bootstrapServers().equals(connection.bootstrapServers())) {
      throw new AssertionError("another program took the broker's port meanwhile");
    }
  }

  LogConnection connection() {
    return connection;
  }

  LogTopics topics() {
    return topics;
  }

  /** Sends one frame; its bytes stand for its plain bytes too. */
  Extent.Chunk sendFrame(byte[] frame) throws Exception {
    return sendFrames(List.of(frame)).getFirst();
  }

  List<Extent.Chunk> sendFrames(List<byte[]> frames) throws Exception {
    List<ChunkId> ids = new ArrayList<>();
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (byte[] frame : frames) {
      ChunkId id = ChunkId.computeOf(frame);
      ids.add(id);
      int partition = Partitioning.of(id, topics.chunks().partitions());
      sent.add(
          producer.send(
              new ProducerRecord<>(topics.chunks().name(), partition, id.bytes(), frame)));
    }
    List<Extent.Chunk> chunks = new ArrayList<>();
    for (int i = 0; i < sent.size(); i++) {
      RecordMetadata metadata = sent.get(i).get();
      chunks.add(
          new Extent.Chunk(
              ids.get(i),
              frames.get(i).length,
              new FramePosition(metadata.partition(), metadata.offset())));
    }
    return chunks;
  }

  RecordMetadata send(TopicHandle topic, int partition, String key, byte[] value) throws Exception {
    return producer
        .send(new ProducerRecord<>(topic.name(), partition, key.getBytes(UTF_8), value))
        .get();
  }

  RecordMetadata sendTombstone(TopicHandle topic, String key) throws Exception {
    return producer
        .send(new ProducerRecord<byte[], byte[]>(topic.name(), 0, key.getBytes(UTF_8), null))
        .get();
  }

  RecordMetadata sendChange(int partition, Change change) throws Exception {
    return send(topics.changes(), partition, change.tree().value(), Records.encode(change));
  }

  /** As the broker's retention does. */
  void deleteBefore(TopicHandle topic, int partition, long offset) throws Exception {
    try (Admin admin = Admin.create(connection.clientSettings())) {
      admin
          .deleteRecords(
              Map.of(
                  new TopicPartition(topic.name(), partition),
                  RecordsToDelete.beforeOffset(offset)))
          .all()
          .get();
    }
  }

  static Change heartbeat(String tree, long lastNumber) {
    return new Change(
        new TreeName(tree),
        0,
        0,
        WRITER,
        1,
        Change.Cause.LIVE,
        Change.Frames.NONE,
        new Change.Heartbeat(lastNumber));
  }

  static byte[] randomBytes(RandomGenerator random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  @Override
  public void close() throws Exception {
    producer.close();
    broker.close();
  }
}
