package dev.tidemark.mirror;

import dev.tidemark.apply.TestFrames;
import dev.tidemark.log.LogClients;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogTopics;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Body;
import dev.tidemark.schemas.change.Change.Cause;
import dev.tidemark.schemas.change.Change.Frames;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.topic.Partitioning;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/** A writer that sends what it is given: frames first, then the change that names them. */
public final class TestWriter implements AutoCloseable {
  private final LogTopics topics;
  private final TreeName tree;
  private final TestFrames frames;
  private final UUID writer = UUID.randomUUID();
  private final Producer<byte[], byte[]> frameProducer;
  private final Producer<byte[], byte[]> changeProducer;
  private final Map<ChunkId, FramePosition> positions = new HashMap<>();
  private long term;
  private long epoch = -1;
  private long number;
  private long sequence;

  public TestWriter(LogConnection connection, LogTopics topics, TreeName tree, TestFrames frames) {
    this.topics = topics;
    this.tree = tree;
    this.frames = frames;
    this.frameProducer = LogClients.frameProducer(connection);
    this.changeProducer = LogClients.changeProducer(connection);
  }

  public void beginEpoch() throws Exception {
    term++;
    number = 0;
    var body = new Change.EpochStarted("host", term, new Change.Previous.None(), 0);
    epoch = send(change(Change.NO_EPOCH, 0, body)).get().offset();
    sequence++;
  }

  /**
   * Sends bodies in order and waits for the last; answers its sequence if no other writer wrote.
   */
  public long write(List<Body> bodies) throws Exception {
    List<Body> ready = new ArrayList<>();
    for (Body body : bodies) {
      if (body instanceof Change.Put put && put.node() instanceof Node.File file) {
        sendFrames(file.content());
      }
    }
    frameProducer.flush();
    collect();
    for (Body body : bodies) {
      ready.add(
          body instanceof Change.Put put && put.node() instanceof Node.File file
              ? new Change.Put(put.path(), new Node.File(file.metadata(), placed(file.content())))
              : body);
    }
    Future<RecordMetadata> last = null;
    for (Body body : ready) {
      number++;
      sequence++;
      last = send(change(epoch, number, body));
    }
    if (last != null) {
      last.get();
    }
    return sequence;
  }

  public long write(Body... bodies) throws Exception {
    return write(List.of(bodies));
  }

  /** A number that will never come. */
  public void skipNumber() {
    number++;
  }

  /**
   * From now on frames that were sent are named without their place, unless they are sent again.
   */
  public void forgetPositions() {
    positions.clear();
  }

  public long sequence() {
    return sequence;
  }

  private final Map<ChunkId, Future<RecordMetadata>> inFlight = new HashMap<>();

  private void sendFrames(Content content) {
    for (Extent extent : content.extents()) {
      if (extent instanceof Extent.Chunk chunk
          && !positions.containsKey(chunk.id())
          && !inFlight.containsKey(chunk.id())) {
        Optional<byte[]> frame = frames.find(chunk.id());
        if (frame.isPresent()) {
          int partition = Partitioning.of(chunk.id(), topics.chunks().partitions());
          inFlight.put(
              chunk.id(),
              frameProducer.send(
                  new ProducerRecord<>(
                      topics.chunks().name(), partition, chunk.id().bytes(), frame.get())));
        }
      }
    }
  }

  private void collect() throws Exception {
    for (var sent : inFlight.entrySet()) {
      RecordMetadata at = sent.getValue().get();
      positions.put(sent.getKey(), new FramePosition(at.partition(), at.offset()));
    }
    inFlight.clear();
  }

  private Content placed(Content content) {
    List<Extent> extents = new ArrayList<>();
    for (Extent extent : content.extents()) {
      extents.add(
          extent instanceof Extent.Chunk chunk
              ? new Extent.Chunk(
                  chunk.id(),
                  chunk.plainBytes(),
                  positions.getOrDefault(chunk.id(), FramePosition.UNKNOWN))
              : extent);
    }
    return new Content(content.size(), extents, false);
  }

  private Change change(long inEpoch, long withNumber, Body body) {
    return new Change(tree, inEpoch, withNumber, writer, 0, Cause.LIVE, Frames.NONE, body);
  }

  private Future<RecordMetadata> send(Change change) {
    byte[] key = tree.value().getBytes(StandardCharsets.UTF_8);
    int partition = Partitioning.of(tree, topics.changes().partitions());
    return changeProducer.send(
        new ProducerRecord<>(topics.changes().name(), partition, key, Records.encode(change)));
  }

  @Override
  public void close() {
    frameProducer.close();
    changeProducer.close();
  }
}
