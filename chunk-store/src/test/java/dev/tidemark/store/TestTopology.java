package dev.tidemark.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.log.LogTopics;
import dev.tidemark.log.TopicHandle;
import dev.tidemark.repository.Repository;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.chunk.ChunkBounds;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.codec.UnreadableRecordException;
import dev.tidemark.schemas.cursor.Condemned;
import dev.tidemark.schemas.cursor.Head;
import dev.tidemark.schemas.cursor.Released;
import dev.tidemark.schemas.cursor.Watermark;
import dev.tidemark.schemas.topic.RepositoryDescriptor;
import dev.tidemark.store.catalogue.CatalogueContext;
import dev.tidemark.store.catalogue.MemoryBudget;
import dev.tidemark.store.catalogue.SealLimits;
import dev.tidemark.store.catalogue.SealTrace;
import dev.tidemark.store.catalogue.TreeStates;
import dev.tidemark.store.counts.Counters;
import dev.tidemark.store.dedup.DedupContext;
import dev.tidemark.store.flush.FlushRequests;
import dev.tidemark.store.pack.PackLimits;
import dev.tidemark.store.pack.PackWriter;
import dev.tidemark.store.source.RecordedLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.awaitility.Awaitility;

/**
 * The whole topology without a broker: one partition of each topic, a real repository and a real
 * pack writer, which uploads when it is told to.
 */
final class TestTopology implements AutoCloseable {
  static final UUID CHUNKS = new UUID(1, 1);
  static final UUID CHANGES = new UUID(2, 2);
  static final Instant START = Instant.ofEpochMilli(1_700_000_000_000L);

  final Repository repository;
  final RecordedLog log = new RecordedLog();
  final Counters counters = new Counters();
  final PackWriter packs;
  final TreeStates states = new TreeStates();
  final DedupContext dedup;
  final CatalogueContext catalogue;
  private final TopologyTestDriver driver;
  private final TestInputTopic<byte[], byte[]> chunks;
  private final TestInputTopic<byte[], byte[]> changes;
  private final TestInputTopic<byte[], byte[]> condemned;
  private final TestOutputTopic<byte[], byte[]> released;
  private final TestOutputTopic<String, byte[]> watermarks;
  private final TestOutputTopic<String, byte[]> heads;
  private final Map<String, Head> newestHeads = new HashMap<>();
  private Watermark newestWatermark = new Watermark(CHUNKS, 0, Long.MIN_VALUE, java.util.List.of());
  private long nextFrame;
  private long nextChange;
  int headRecords;

  /** Changes of this append time. */
  Instant now = START;

  TestTopology(Path folder) throws IOException {
    this(folder, 1, 1 << 20);
  }

  TestTopology(Path folder, int changesPartitions, long unsealedBytes) throws IOException {
    repository =
        Repository.create(
            Repository.openStore(folder.resolve("repository").toString()),
            new RepositoryDescriptor(
                new UUID(3, 3),
                RepositoryDescriptor.FORMAT_VERSION,
                0,
                ChunkBounds.DEFAULT,
                Bytes.of(new byte[RepositoryDescriptor.SEED_BYTES]),
                1,
                changesPartitions));
    packs =
        new PackWriter(
            repository,
            new PackLimits(1 << 20, Duration.ofHours(1), 4 << 20, 1),
            counters,
            failure -> {
              throw new AssertionError(failure);
            });
    FlushRequests flushes = new FlushRequests(1);
    dedup = new DedupContext(CHUNKS, 1, repository, packs, log, flushes, counters);
    catalogue =
        new CatalogueContext(
            CHANGES,
            changesPartitions,
            CHUNKS,
            1,
            repository,
            log,
            flushes,
            new SealLimits(4 << 20, 10_000, Duration.ZERO, 600),
            Duration.ofDays(7),
            new MemoryBudget(unsealedBytes),
            Runnable::run,
            states,
            (_, _, _) -> {},
            counters,
            SealTrace.OFF);
    TopicHandle none = new TopicHandle("none", new UUID(0, 0), 1);
    LogTopics topics =
        new LogTopics(
            new TopicHandle("chunks", CHUNKS, 1),
            new TopicHandle("changes", CHANGES, 1),
            new TopicHandle("watermarks", new UUID(4, 4), 1),
            new TopicHandle("heads", new UUID(5, 5), 1),
            none,
            none,
            new TopicHandle("condemned", new UUID(6, 6), 1),
            new TopicHandle("released", new UUID(7, 7), 1),
            none);
    Properties settings = new Properties();
    settings.put("application.id", "test");
    settings.put("bootstrap.servers", "none:1");
    settings.put("state.dir", folder.resolve("state").toString());
    driver = new TopologyTestDriver(StoreTopology.of(topics, dedup, catalogue), settings, START);
    chunks =
        driver.createInputTopic("chunks", new ByteArraySerializer(), new ByteArraySerializer());
    changes =
        driver.createInputTopic("changes", new ByteArraySerializer(), new ByteArraySerializer());
    condemned =
        driver.createInputTopic("condemned", new ByteArraySerializer(), new ByteArraySerializer());
    released =
        driver.createOutputTopic(
            "released", new ByteArrayDeserializer(), new ByteArrayDeserializer());
    watermarks =
        driver.createOutputTopic(
            "watermarks", new StringDeserializer(), new ByteArrayDeserializer());
    heads =
        driver.createOutputTopic("heads", new StringDeserializer(), new ByteArrayDeserializer());
    // A task that begins asks for a flush, which its first interval serves: not of a test's frames.
    tick();
  }

  Changes writer(String tree) {
    return new Changes(tree, UUID.randomUUID(), CHUNKS);
  }

  /** A writer that has begun its epoch. */
  Changes begun(String tree) {
    Changes writer = writer(tree);
    begin(writer);
    return writer;
  }

  void begin(Changes writer) {
    Change started = writer.epochStarted();
    writer.epoch = change(started);
  }

  /** Publishes a chunk's frame; the answer names it. */
  Extent.Chunk frame(byte[] plain) {
    byte[] frame = Changes.frame(plain);
    log.addFrame(nextFrame, Changes.id(plain), frame);
    return Changes.extent(plain, 0, rawFrame(Changes.id(plain).bytes(), frame));
  }

  long rawFrame(byte[] key, byte[] value) {
    chunks.pipeInput(new TestRecord<>(key, value, now));
    return nextFrame++;
  }

  /** Asks for a chunk; whether it is released. */
  boolean condemn(Condemned question) {
    condemned.pipeInput(new TestRecord<>(question.id().bytes(), Records.encode(question), now));
    try {
      Released answer = Records.decodeReleased(released.readValue());
      assertThat(answer.question()).isEqualTo(question);
      return answer.isReleased();
    } catch (UnreadableRecordException e) {
      throw new AssertionError(e);
    }
  }

  long change(Change change) {
    log.addChange(nextChange, now.toEpochMilli(), change);
    return rawChange(
        change.tree().value().getBytes(StandardCharsets.UTF_8), Records.encode(change));
  }

  long rawChange(byte[] key, byte[] value) {
    changes.pipeInput(new TestRecord<>(key, value, now));
    return nextChange++;
  }

  /** Lets time pass. */
  void pass(Duration time) {
    driver.advanceWallClockTime(time);
    tick();
  }

  /** Lets one wall-clock interval pass. */
  void tick() {
    driver.advanceWallClockTime(Duration.ofMillis(250));
    collect();
  }

  private void collect() {
    try {
      for (var record : watermarks.readRecordsToList()) {
        newestWatermark = Records.decodeWatermark(record.value());
      }
      for (var record : heads.readRecordsToList()) {
        headRecords++;
        newestHeads.put(record.key(), Records.decodeHead(record.value()));
      }
    } catch (UnreadableRecordException e) {
      throw new AssertionError(e);
    }
  }

  /** Uploads what is packed and waits until the topology has taken notice of it. */
  void flush() {
    packs.flushNow();
    settle(() -> newestWatermark.offset() == nextFrame - 1);
  }

  void settle(BooleanSupplier condition) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(5))
        .pollInSameThread()
        .until(
            () -> {
              tick();
              return condition.getAsBoolean();
            });
  }

  Watermark watermark() {
    tick();
    return newestWatermark;
  }

  Head head(String tree) {
    tick();
    tick();
    Head head = newestHeads.get(tree);
    if (head == null) {
      throw new AssertionError("no head of " + tree);
    }
    return head;
  }

  boolean knows(String tree) {
    tick();
    return newestHeads.containsKey(tree);
  }

  @Override
  public void close() throws IOException {
    driver.close();
    packs.close();
    repository.close();
  }
}
