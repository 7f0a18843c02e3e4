package dev.tidemark.store;

import dev.tidemark.log.AccessDeniedByBrokerException;
import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogTopics;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Fault;
import dev.tidemark.schemas.cursor.Head;
import dev.tidemark.schemas.trace.ChangeTrace;
import dev.tidemark.store.ChunkStoreStatus.TreeStatus;
import dev.tidemark.store.catalogue.CatalogueException;
import dev.tidemark.store.catalogue.SealTrace;
import dev.tidemark.store.catalogue.TreeStates;
import dev.tidemark.store.counts.Counters;
import dev.tidemark.store.snapshot.SnapshotMaker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.errors.MissingSourceTopicException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One chunk-store process.
 *
 * <p>It stops by itself only on a failure that needs a person, which {@link #failure()} tells. A
 * repository that cannot be reached is waited for; a log that turns out to have lost records, or to
 * be another, is taken up again where it is, and what that costs is shown in the heads of the
 * trees. Thread-safe.
 */
public final class ChunkStore implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ChunkStore.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final StoreRun.Shared shared;
  private final CompletableFuture<Void> failure = new CompletableFuture<>();
  private final Object lock = new Object();
  private StoreRun run;
  private boolean restarting;
  private boolean closed;

  @SuppressWarnings("NullAway.Init") // run is set by begin(), before anybody has this object
  private ChunkStore(StoreRun.Shared shared) {
    this.shared = shared;
  }

  /**
   * Starts; returns when Kafka Streams does its first steps. A repository is made if neither the
   * store nor the log knows one.
   *
   * @throws ChunkStoreRefusedException if log and store name different repositories, or the store
   *     is empty where the log names one
   * @throws IOException if the broker or the store cannot be reached, or topics are missing
   */
  public static ChunkStore start(ChunkStoreConfig config) throws IOException {
    return start(config, Repository.openStore(config.repositoryUrl()));
  }

  /** The same on a store that is open already, and that is closed with the chunk-store. */
  public static ChunkStore start(ChunkStoreConfig config, BlobStore store) throws IOException {
    return start(config, store, ChangeTrace.OFF);
  }

  /** The same, and tells of the way that changes take. */
  public static ChunkStore start(ChunkStoreConfig config, BlobStore store, ChangeTrace trace)
      throws IOException {
    Repository repository;
    try {
      LogTopics topics;
      try (LogAdmin admin = LogAdmin.connect(config.log())) {
        topics = admin.requireTopics();
      }
      store.prepareForPuts();
      repository =
          new RepositoryOpening(config.log(), topics, new SecureRandom(), InstantSource.system())
              .open(store);
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
    SnapshotMaker snapshots =
        new SnapshotMaker(
            (tree, pace) -> {
              repository.history(tree).snapshotIfDue(pace);
              repository.compaction(tree).run();
              repository.mergeIndex();
            },
            config.snapshotInterval());
    try {
      ChunkStore chunkStore =
          new ChunkStore(
              new StoreRun.Shared(
                  config,
                  repository,
                  snapshots,
                  new Counters(),
                  new TreeStates(),
                  InstanceId.require(config.stateFolder()),
                  new SealTrace(trace, InstantSource.system())));
      chunkStore.begin(Map.of());
      log.atInfo()
          .addKeyValue("application", config.applicationId())
          .addKeyValue("repository", repository.descriptor().id())
          .addKeyValue("location", store.location())
          .log("chunk-store started");
      return chunkStore;
    } catch (IOException | RuntimeException e) {
      snapshots.close();
      repository.close();
      throw e;
    }
  }

  private void begin(Map<TopicPartition, Long> diverged) throws IOException {
    StoreRun begun = StoreRun.start(shared, diverged, this::onUncaught, this::fail);
    synchronized (lock) {
      run = begun;
    }
  }

  /** A reading of numbers that change all the time. */
  public ChunkStoreStatus status() {
    Counters counters = shared.counters();
    Map<TreeName, TreeStatus> trees = new TreeMap<>();
    shared
        .states()
        .heads()
        .forEach((tree, head) -> trees.put(tree, status(head, shared.states().lag(tree))));
    String state;
    synchronized (lock) {
      state = run.state();
    }
    return new ChunkStoreStatus(
        state,
        counters.frames.sum(),
        counters.frameBytes.sum(),
        counters.duplicates.sum(),
        counters.rejectedFrames.sum() + counters.lostFrames.sum(),
        counters.packs.sum(),
        counters.storedBytes.sum(),
        counters.segments.sum(),
        counters.sealedChanges.sum(),
        counters.rejectedChanges.sum(),
        counters.undecodableChanges.sum(),
        counters.abandonedVersions.sum(),
        counters.watermarkLag(),
        counters.repositoryError(),
        shared.snapshots().lastError(),
        trees);
  }

  private static TreeStatus status(Head head, TreeStates.Lag unsealed) {
    Cursor accepted = head.accepted();
    Cursor sealed = head.sealed();
    long lag =
        accepted.sequence() == sealed.sequence()
            ? 0
            : Math.max(0, accepted.logTimeMillis() - sealed.logTimeMillis());
    Fault fault = accepted.fault().isNone() ? head.sealingFault() : accepted.fault();
    return new TreeStatus(
        accepted.sequence(),
        sealed.sequence(),
        lag,
        unsealed.millis(),
        unsealed.sinceMillis(),
        accepted.logTimeMillis(),
        sealed.logTimeMillis(),
        head.lastHeartbeatMillis(),
        head.rejected(),
        head.repeated(),
        head.gapped(),
        accepted.openScan() == Cursor.OpenScan.NONE ? TreeStatus.Scan.NONE : TreeStatus.Scan.OPEN,
        unsealed.age(),
        fault);
  }

  /** Completes exceptionally when the chunk-store has stopped by itself; never completes else. */
  public CompletableFuture<Void> failure() {
    return failure;
  }

  /**
   * Stops within some seconds. What was not sealed is in the log; the next start goes on with it.
   */
  @Override
  public void close() throws IOException {
    StoreRun last;
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      last = run;
    }
    last.close();
    shared.snapshots().close();
    shared.repository().close();
    log.atInfo().log("chunk-store stopped");
  }

  private void fail(Throwable cause) {
    Throwable told =
        AccessDeniedByBrokerException.find(
                shared.config().log(), "the work of a chunk-store", cause)
            .map(Throwable.class::cast)
            .orElse(cause);
    log.atError().setCause(cause).log("chunk-store stops");
    failure.completeExceptionally(told);
  }

  private StreamThreadExceptionResponse onUncaught(Throwable failed) {
    for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
      if (cause instanceof InvalidOffsetException || cause instanceof MissingSourceTopicException) {
        log.atWarn()
            .setCause(failed)
            .log("the log does not hold what was to be read next, taking it up where it is");
        restart(divergedBy(cause));
        return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
      }
      if (cause instanceof CatalogueException || cause instanceof UncheckedIOException) {
        log.atWarn().setCause(failed).log("a task starts over from its state");
        pause();
        return StreamThreadExceptionResponse.REPLACE_THREAD;
      }
    }
    fail(failed);
    return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
  }

  private static Map<TopicPartition, Long> divergedBy(Throwable cause) {
    Map<TopicPartition, Long> offsets = new HashMap<>();
    if (cause instanceof LogTruncationException truncation) {
      truncation.divergentOffsets().forEach((input, at) -> offsets.put(input, at.offset()));
    }
    return offsets;
  }

  /** A stream thread cannot close the streams it belongs to. */
  private void restart(Map<TopicPartition, Long> diverged) {
    synchronized (lock) {
      if (restarting || closed) {
        return;
      }
      restarting = true;
    }
    Thread.ofPlatform()
        .name("chunk-store-restart")
        .daemon()
        .start(
            () -> {
              try {
                restartNow(diverged);
              } catch (IOException | RuntimeException e) {
                fail(e);
              }
            });
  }

  private void restartNow(Map<TopicPartition, Long> diverged) throws IOException {
    StoreRun last;
    synchronized (lock) {
      last = run;
    }
    last.close();
    pause();
    synchronized (lock) {
      if (closed) {
        return;
      }
      restarting = false;
    }
    begin(diverged);
    synchronized (lock) {
      last = run;
      if (!closed) {
        return;
      }
    }
    last.close();
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
