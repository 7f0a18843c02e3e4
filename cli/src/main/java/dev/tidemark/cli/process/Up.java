package dev.tidemark.cli.process;

import dev.tidemark.broker.BrokerHalt;
import dev.tidemark.broker.EmbeddedBroker;
import dev.tidemark.broker.FolderLock;
import dev.tidemark.cli.argument.TreeFolder;
import dev.tidemark.cli.metrics.RoleMeters.Standby;
import dev.tidemark.cli.process.Progress.TreeProgress;
import dev.tidemark.filesystem.linux.LinuxThreads;
import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogTopics;
import dev.tidemark.mirror.DriftPlan;
import dev.tidemark.mirror.Mirror;
import dev.tidemark.mirror.MirrorConfig;
import dev.tidemark.mirror.MirrorConfig.TargetTakeOver;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.verify.Scrubber;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.topic.TopicContract;
import dev.tidemark.schemas.trace.ChangeTrace;
import dev.tidemark.store.ChunkStore;
import dev.tidemark.store.ChunkStoreConfig;
import dev.tidemark.store.ChunkStoreStatus;
import dev.tidemark.watcher.Watcher;
import dev.tidemark.watcher.WatcherConfig;
import dev.tidemark.watcher.WatcherStatus;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Everything in one process: broker, chunk-store, and a watcher and perhaps a mirror for each tree.
 *
 * <p>{@link #start} returns when all run; what they have still to catch up with is in {@link
 * #progress}. After a crash or a stop the next start on the same folder goes on. Thread-safe.
 */
public final class Up implements AutoCloseable {
  /**
   * Sealing may be seconds late, a save shall be on the standby in milliseconds: where processors
   * are short, the threads of the chunk-store give way to those of watcher, broker and mirror.
   */
  private static final int STORE_NICE = 10;

  private final FolderLock lock;
  private final Roles roles = new Roles();
  private final FreeSpace space;
  private final Map<TreeName, Watcher> watchers = new ConcurrentSkipListMap<>();
  private final Map<TreeName, Mirror> mirrors = new ConcurrentSkipListMap<>();
  private final EmbeddedBroker broker;
  private final ChunkStore store;
  private final HeadBoard heads;
  private final Optional<Scrubber> scrubber;

  /**
   * Starts all parts, or none.
   *
   * @param trace told of the way of single changes
   * @param lastWords told why the broker halts this process, if it has to: its disk failed, or was
   *     filled between two checks
   * @param metering what is put around the repository's store
   * @throws DataFolderInUseException if another process runs on the data folder
   * @throws IOException if a part does not start; its message is for the user
   */
  public static Up start(
      UpConfig config,
      ChangeTrace trace,
      Consumer<String> lastWords,
      UnaryOperator<BlobStore> metering)
      throws IOException {
    config.requireSoundFolders();
    config.data().create();
    FolderLock lock = config.data().lockForUp();
    try {
      return new Up(config, lock, trace, lastWords, metering);
    } catch (IOException | RuntimeException | Error e) {
      closeQuietly(lock, e);
      throw e;
    }
  }

  private Up(
      UpConfig config,
      FolderLock lock,
      ChangeTrace trace,
      Consumer<String> lastWords,
      UnaryOperator<BlobStore> metering)
      throws IOException {
    this.lock = lock;
    DataFolder data = config.data();
    this.space = new FreeSpace(data.root());
    space.requireToStart();
    BrokerHalt.announce(() -> lastWords.accept(space.describeFailure()));
    try {
      this.broker = roles.add("The broker", EmbeddedBroker.start(data.broker()));
      LogConnection log = LogConnection.to(broker.bootstrapServers());
      LogTopics topics = createTopics(log);
      this.store =
          LinuxThreads.callNice(
              "tidemark-store-start",
              STORE_NICE,
              () ->
                  ChunkStore.start(
                      ChunkStoreConfig.of(log, data.repository().toString(), data.store()),
                      metering.apply(Repository.openStore(data.repository().toString())),
                      trace));
      roles.add("The chunk-store", store, store.failure());
      this.scrubber = startScrubber(config);
      this.heads = roles.add("The reader of heads", HeadBoard.follow(log, topics));
      startTrees(config, log, trace);
    } catch (IOException | RuntimeException | Error e) {
      closeQuietly(roles, e);
      throw e;
    }
  }

  private Optional<Scrubber> startScrubber(UpConfig config) throws IOException {
    if (config.scrubCycle().isEmpty()) {
      return Optional.empty();
    }
    DataFolder data = config.data();
    Scrubber started =
        Scrubber.start(
            Repository.openStore(data.repository().toString()),
            data.store().resolve("scrub"),
            config.scrubCycle().get());
    return Optional.of(roles.add("The scrub", started, started.failure()));
  }

  private static LogTopics createTopics(LogConnection log) throws IOException {
    try (LogAdmin admin = LogAdmin.connect(log)) {
      return admin.createTopics(
          new TopicContract(
              log.topicPrefix(),
              TopicContract.DEFAULT_CHUNKS_PARTITIONS,
              TopicContract.DEFAULT_CHANGES_PARTITIONS,
              1));
    }
  }

  /** Watchers and mirrors do not wait for each other. */
  private void startTrees(UpConfig config, LogConnection log, ChangeTrace trace)
      throws IOException {
    List<Callable<Void>> starts = new ArrayList<>();
    for (TreeFolder standby : config.standbys()) {
      starts.add(
          () -> {
            Mirror mirror = Mirror.start(mirrorConfig(config, standby, log), trace);
            roles.add("The standby of tree " + standby.tree(), mirror, mirror.failure());
            mirrors.put(standby.tree(), mirror);
            return null;
          });
    }
    for (TreeFolder source : config.sources()) {
      starts.add(
          () -> {
            Watcher watcher =
                Watcher.start(
                    WatcherConfig.of(
                            source.tree(),
                            source.folder(),
                            config.data().watcher(source.tree()),
                            log)
                        .with(config.takeOver())
                        .with(config.control())
                        .with(config.capture())
                        .with(config.onUnreadable()),
                    trace);
            roles.add("The watcher of tree " + source.tree(), watcher, watcher.failure());
            roles.add(
                "The control socket of tree " + source.tree(),
                ControlSocket.start(
                    ControlSocket.Requests.of(watcher),
                    config.data().control(source.tree()),
                    source.tree().value()));
            watchers.put(source.tree(), watcher);
            return null;
          });
    }
    runAll(starts);
  }

  private static MirrorConfig mirrorConfig(UpConfig config, TreeFolder standby, LogConnection log) {
    DataFolder data = config.data();
    TargetTakeOver takeOver =
        switch (config.takeOver()) {
          case REFUSE -> TargetTakeOver.REFUSE;
          case FORCE -> TargetTakeOver.REPLACE;
        };
    return MirrorConfig.of(
            standby.tree(),
            standby.folder(),
            data.standby(standby.tree()),
            UpConfig.STANDBY_NAME,
            log)
        .withRepository(data.repository().toString())
        .withTakeOver(takeOver)
        // The watcher of this process may need all watches that there are.
        .with(DriftPlan.DEFAULT.with(DriftPlan.Events.OFF));
  }

  private static void runAll(List<Callable<Void>> starts) throws IOException {
    try (ExecutorService pool =
        Executors.newThreadPerTaskExecutor(
            Thread.ofPlatform().name("tidemark-start-", 0).factory())) {
      IOException failure = null;
      for (Future<Void> started : pool.invokeAll(starts)) {
        try {
          started.get();
        } catch (ExecutionException e) {
          failure = suppress(failure, e.getCause() == null ? e : e.getCause());
        }
      }
      if (failure != null) {
        throw failure;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while starting");
    }
  }

  private static IOException suppress(
      @org.jspecify.annotations.Nullable IOException first, Throwable next) {
    if (first != null) {
      first.addSuppressed(next);
      return first;
    }
    return next instanceof IOException io
        ? io
        : new IOException(String.valueOf(next.getMessage()), next);
  }

  /** Where clients reach the broker. */
  public String bootstrapServers() {
    return broker.bootstrapServers();
  }

  /**
   * Throws if a part has ended by itself, or the disk is about to be full.
   *
   * @throws Roles.RoleFailedException if a part has ended
   * @throws FreeSpace.DiskFullException if the data folder has no room left
   */
  public void requireHealthy() throws IOException {
    // First, since on a full disk roles fail by and by with other words.
    space.requireToRun();
    roles.requireAllRunning();
  }

  /** How the changes of each tree are found, a line for each. */
  public List<String> captures() {
    return watchers.entrySet().stream()
        .map(
            watcher ->
                "tree %s: changes found by %s"
                    .formatted(watcher.getKey(), watcher.getValue().status().capture().describe()))
        .toList();
  }

  /** Where the watchers stand, by tree. */
  public Map<TreeName, WatcherStatus> watchers() {
    Map<TreeName, WatcherStatus> all = new TreeMap<>();
    watchers.forEach((tree, watcher) -> all.put(tree, watcher.status()));
    return all;
  }

  /** Where the standbys stand, by tree. */
  public Map<TreeName, Standby> standbys() {
    Map<TreeName, Standby> all = new TreeMap<>();
    mirrors.forEach((tree, mirror) -> all.put(tree, Standby.of(mirror)));
    return all;
  }

  /** Where the chunk-store stands. */
  public ChunkStoreStatus store() {
    return store.status();
  }

  /** The scrub; empty if there is none. */
  public Optional<Scrubber> scrubber() {
    return scrubber;
  }

  /** Where the trees stand. */
  public Progress progress() {
    List<TreeProgress> trees = new ArrayList<>();
    for (var watcher : watchers.entrySet()) {
      TreeName tree = watcher.getKey();
      trees.add(
          new TreeProgress(
              tree,
              watcher.getValue().status(),
              heads.find(tree),
              Optional.ofNullable(mirrors.get(tree)).map(Mirror::status)));
    }
    return Progress.of(trees, store.status(), scrubber.map(Scrubber::status));
  }

  /** Stops watchers and mirrors, then the chunk-store, then the broker; all can go on later. */
  @Override
  public void close() throws IOException {
    try (lock) {
      roles.close();
    }
  }

  private static void closeQuietly(AutoCloseable closing, Throwable failure) {
    try {
      closing.close();
    } catch (Exception suppressed) {
      failure.addSuppressed(suppressed);
    }
  }
}
