package dev.tidemark.store;

import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogClients;
import dev.tidemark.log.LogTopics;
import dev.tidemark.repository.Repository;
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
import dev.tidemark.store.snapshot.SnapshotMaker;
import dev.tidemark.store.source.KafkaChangeSource;
import dev.tidemark.store.source.KafkaFrameSource;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The application from one start of Kafka Streams to its end: topics as they are now, and
 * everything that knows their ids. When the log turns out to be another than it was, the run is
 * closed and a new one begun.
 */
final class StoreRun implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StoreRun.class);
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(20);
  private static final int WORKERS = 3;

  /** What outlives a run. */
  record Shared(
      ChunkStoreConfig config,
      Repository repository,
      SnapshotMaker snapshots,
      Counters counters,
      TreeStates states,
      String instanceId,
      SealTrace trace) {}

  private final Admin admin;
  private final PackWriter packs;
  private final KafkaFrameSource frames;
  private final ExecutorService work;
  private final KafkaStreams streams;

  private StoreRun(
      Shared shared,
      LogTopics topics,
      Duration retention,
      Admin admin,
      StreamsUncaughtExceptionHandler handler,
      Consumer<Throwable> onFatal) {
    this.admin = admin;
    ChunkStoreConfig config = shared.config();
    Repository repository = shared.repository();
    RepositoryDescriptor descriptor = repository.descriptor();
    packs =
        new PackWriter(
            repository,
            new PackLimits(
                config.packBytes(),
                config.flushInterval(),
                config.heldFrameBytes(),
                config.uploads()),
            shared.counters(),
            onFatal);
    frames = new KafkaFrameSource(config.log(), topics);
    work =
        Executors.newFixedThreadPool(
            WORKERS, Thread.ofPlatform().name("catalogue-work-", 0).daemon().factory());
    FlushRequests flushes = new FlushRequests(topics.chunks().partitions());
    DedupContext dedup =
        new DedupContext(
            topics.chunks().id(),
            descriptor.chunksPartitions(),
            repository,
            packs,
            frames,
            flushes,
            shared.counters());
    CatalogueContext catalogue =
        new CatalogueContext(
            topics.changes().id(),
            descriptor.changesPartitions(),
            topics.chunks().id(),
            topics.chunks().partitions(),
            repository,
            new KafkaChangeSource(config.log(), topics, admin),
            flushes,
            SealLimits.withFlushInterval(config.flushInterval()),
            retention,
            new MemoryBudget(config.unsealedBytes()),
            work,
            shared.states(),
            shared.snapshots()::logHasGrown,
            shared.counters(),
            shared.trace());
    Properties settings =
        StreamsSettings.of(
            config,
            shared.instanceId(),
            topics.chunks().partitions() + topics.changes().partitions());
    streams =
        new KafkaStreams(StoreTopology.of(topics, dedup, catalogue), new StreamsConfig(settings));
    streams.setUncaughtExceptionHandler(handler);
  }

  /** Looks at the topics, sets the input's offsets right, and starts. */
  static StoreRun start(
      Shared shared,
      Map<TopicPartition, Long> diverged,
      StreamsUncaughtExceptionHandler handler,
      Consumer<Throwable> onFatal)
      throws IOException {
    ChunkStoreConfig config = shared.config();
    LogTopics topics;
    Duration retention;
    try (LogAdmin logAdmin = LogAdmin.connect(config.log())) {
      topics = logAdmin.requireTopics();
      retention = logAdmin.retention(topics.chunks());
      // Else a task could wait for ever for the end of its changelog, or for its offsets.
      logAdmin.abortHangingTransactions(config.applicationId());
    }
    Admin admin = LogClients.admin(config.log(), Map.of());
    try {
      Collection<String> members =
          IntStream.rangeClosed(1, config.streamThreads())
              .mapToObj(thread -> shared.instanceId() + "-" + thread)
              .toList();
      new InputOffsets(admin, config.log(), topics, config.applicationId())
          .prepare(diverged, members);
      StoreRun run = new StoreRun(shared, topics, retention, admin, handler, onFatal);
      if (StateOrigin.isOfAnotherLog(config.stateFolder(), topics)) {
        log.atWarn()
            .addKeyValue("folder", config.stateFolder())
            .log("the log is another one; beginning anew with what the repository holds");
        run.streams.cleanUp();
      }
      StateOrigin.remember(config.stateFolder(), topics);
      run.streams.start();
      return run;
    } catch (IOException | RuntimeException e) {
      admin.close(Duration.ZERO);
      throw e;
    }
  }

  String state() {
    return streams.state().name();
  }

  /** Stops everything within some seconds; the group keeps this process's place for its return. */
  @Override
  public void close() {
    streams.close(CloseOptions.timeout(CLOSE_PATIENCE));
    packs.close();
    work.shutdownNow();
    try {
      work.awaitTermination(CLOSE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    frames.close();
    admin.close(Duration.ofSeconds(5));
  }
}
