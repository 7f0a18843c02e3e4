package dev.tidemark.store;

import dev.tidemark.log.LogClients;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogTopics;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.topic.Partitioning;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/** Publishes to a real log as a watcher does: frames first, a change when they are acknowledged. */
final class TestWriter implements AutoCloseable {
  final Changes changes;
  private final LogTopics topics;
  private final Producer<byte[], byte[]> frames;
  private final Producer<byte[], byte[]> records;

  TestWriter(LogConnection connection, LogTopics topics, String tree) {
    this(connection, topics, tree, UUID.randomUUID());
  }

  TestWriter(LogConnection connection, LogTopics topics, String tree, UUID writer) {
    this.topics = topics;
    changes = new Changes(tree, writer, topics.chunks().id());
    frames = LogClients.frameProducer(connection);
    records = LogClients.changeProducer(connection);
  }

  /** Begins an epoch. */
  TestWriter begin() throws Exception {
    changes.epoch = send(changes.epochStarted());
    return this;
  }

  long send(Change change) throws Exception {
    return sendAsync(change).get().offset();
  }

  Future<RecordMetadata> sendAsync(Change change) {
    byte[] key = change.tree().value().getBytes(StandardCharsets.UTF_8);
    int partition = Partitioning.of(change.tree(), topics.changes().partitions());
    return records.send(
        new ProducerRecord<>(topics.changes().name(), partition, key, Records.encode(change)));
  }

  /** Sends frames and returns the extents that name them, in order. */
  List<Extent> sendFrames(List<byte[]> plain) throws Exception {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (byte[] chunk : plain) {
      sent.add(sendFrame(chunk, Changes.frame(chunk)));
    }
    List<Extent> extents = new ArrayList<>();
    for (int i = 0; i < plain.size(); i++) {
      RecordMetadata at = sent.get(i).get();
      extents.add(Changes.extent(plain.get(i), at.partition(), at.offset()));
    }
    return extents;
  }

  Future<RecordMetadata> sendFrame(byte[] plain, byte[] frame) {
    byte[] key = Changes.id(plain).bytes();
    int partition = Partitioning.of(key, topics.chunks().partitions());
    return frames.send(new ProducerRecord<>(topics.chunks().name(), partition, key, frame));
  }

  /** A file of these chunks. */
  long put(String path, byte[]... chunks) throws Exception {
    return send(changes.put(path, sendFrames(List.of(chunks)), List.of()));
  }

  long tag(String label) throws Exception {
    return send(changes.tag(label));
  }

  @Override
  public void close() {
    frames.close();
    records.close();
  }
}
