package dev.tidemark.watcher;

import dev.tidemark.filesystem.entry.EntryStoreCorruptException;
import dev.tidemark.filesystem.entry.EntryStoreLockedException;
import dev.tidemark.filesystem.linux.DirectoryEntry;
import dev.tidemark.filesystem.linux.FileType;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NativePath;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.log.AccessDeniedByBrokerException;
import dev.tidemark.log.CompactedTopic;
import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogClients;
import dev.tidemark.log.LogTopics;
import dev.tidemark.log.TopicWatch;
import dev.tidemark.schemas.change.Change.EpochStarted;
import dev.tidemark.schemas.change.Change.Previous;
import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.schemas.change.Epoch;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.cursor.Head;
import dev.tidemark.schemas.filter.PathFilter;
import dev.tidemark.schemas.topic.Partitioning;
import dev.tidemark.schemas.topic.RepositoryDescriptor;
import dev.tidemark.watcher.MaxRemovals.RootState;
import dev.tidemark.watcher.capture.Capture;
import dev.tidemark.watcher.capture.CaptureMode;
import dev.tidemark.watcher.capture.CaptureRefusedException;
import dev.tidemark.watcher.capture.WatchLimit;
import dev.tidemark.watcher.chunk.Chunker;
import dev.tidemark.watcher.dirty.Directory;
import dev.tidemark.watcher.dirty.DirectoryTable;
import dev.tidemark.watcher.dirty.DirtySet;
import dev.tidemark.watcher.publish.ChangeSender;
import dev.tidemark.watcher.publish.FrameSender;
import dev.tidemark.watcher.publish.TermStart;
import dev.tidemark.watcher.read.Findings;
import dev.tidemark.watcher.read.Inspected;
import dev.tidemark.watcher.read.Owners;
import dev.tidemark.watcher.read.Readers;
import dev.tidemark.watcher.read.Sink;
import dev.tidemark.watcher.read.TreeRoot;
import dev.tidemark.watcher.read.Watches;
import dev.tidemark.watcher.state.Descendants;
import dev.tidemark.watcher.state.Doubt;
import dev.tidemark.watcher.state.EntryKey;
import dev.tidemark.watcher.state.EntryRecord;
import dev.tidemark.watcher.state.Name;
import dev.tidemark.watcher.state.PublishedTree;
import dev.tidemark.watcher.state.StateStore;
import dev.tidemark.watcher.state.WriterMemory;
import dev.tidemark.watcher.state.WriterMemory.Standing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.apache.kafka.clients.producer.Producer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One term of a writer: everything that is opened for it, and closed with it. */
final class Session implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Session.class);
  private static final long MICROS_PER_MILLI = 1000;

  /** The kernel's own default. */
  private static final long EVENTS_IN_QUEUE = 16_384;

  private final WatcherConfig config;
  private final Environment environment;
  private final Counters counters;
  private final Mailbox mailbox;
  private final Runnable onScanCompleted;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private WriterMemory memory;
  private StateStore store;
  private volatile @Nullable FrameSender currentFrames;
  private volatile @Nullable EventReader eventReader;
  private @Nullable Keeper keeper;
  private @Nullable HandOver handOver;

  private Session(
      WatcherConfig config,
      Environment environment,
      Counters counters,
      Mailbox mailbox,
      Runnable onScanCompleted)
      throws IOException {
    this.config = config;
    this.environment = environment;
    this.counters = counters;
    this.mailbox = mailbox;
    this.onScanCompleted = onScanCompleted;
    this.store = StateStore.open(config.stateFolder(), suffix());
    this.memory = WriterMemory.load(config.stateFolder(), environment.ids().get());
  }

  /**
   * Begins a term.
   *
   * @param fullScan whether only a full scan makes the log right again
   */
  static Session open(
      WatcherConfig config,
      Environment environment,
      Counters counters,
      Mailbox mailbox,
      boolean fullScan,
      Runnable onScanCompleted)
      throws IOException {
    TreeRoot root = openRoot(config);
    Session session = null;
    try {
      requireOutside(config);
      session = new Session(config, environment, counters, mailbox, onScanCompleted);
      session.opened.push(root);
      session.begin(root, fullScan);
      return session;
    } catch (EntryStoreLockedException e) {
      root.close();
      throw new WatcherRefusedException(
          "state folder %s is in use by another process: a tree has one watcher on a host."
              .formatted(config.stateFolder()),
          e);
    } catch (IOException | RuntimeException e) {
      try {
        if (session != null && e instanceof EntryStoreCorruptException) {
          session.giveUpStore();
        }
        if (session == null) {
          root.close();
        } else {
          session.close();
        }
      } catch (IOException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

  private static TreeRoot openRoot(WatcherConfig config) throws IOException {
    try {
      return TreeRoot.open(NativePath.of(config.root()), config.capture().mounts());
    } catch (IOException e) {
      throw new WatcherRefusedException(
          "%s cannot be watched: %s. It must be a directory that this user may read."
              .formatted(config.root(), e.getMessage()),
          e);
    }
  }

  private static void requireOutside(WatcherConfig config) throws IOException {
    Files.createDirectories(config.stateFolder());
    Path root = config.root().toRealPath();
    Path state = config.stateFolder().toRealPath();
    if (state.startsWith(root)) {
      throw new WatcherRefusedException(
          ("state folder %s is inside the watched directory %s: each of its writes would be a"
                  + " change to publish. Choose a folder outside.")
              .formatted(state, root));
    }
  }

  private void begin(TreeRoot root, boolean fullScan) throws IOException {
    opened.push(() -> store.close());
    Capture capture = openCapture(root);
    LogTopics topics = requireTopics();
    RepositoryDescriptor descriptor = Beginning.awaitDescriptor(config, topics);
    int partition = Partitioning.of(config.tree(), descriptor.changesPartitions());
    Producer<byte[], byte[]> changes = LogClients.changeProducer(config.log());
    opened.push(() -> changes.close(Duration.ZERO));
    TermStart term =
        new TermStart(
            config.log(), changes, topics.changes(), partition, config.tree(), memory.writer());
    Optional<Head> head = Beginning.newestHead(config, topics, term, nowMicros());
    Beginning.requireOurs(config, head, memory, store, () -> term.brokerTimeMillis(nowMicros()));
    String bootId = LinuxFiles.bootId();
    Beginning.Plan plan = Beginning.plan(head, memory, store, topics, bootId);
    if (fullScan && plan.scan() == ScanKind.DIFFERENCE) {
      plan = Beginning.Plan.full("the log has lost changes");
    }
    requireNotEmptied(root, plan.scan() == ScanKind.FULL && head.isPresent());
    Previous previous = previous(plan, topics);
    long acknowledged = store.acknowledged();
    if (plan.forget()) {
      store.close();
      store = StateStore.openEmpty(config.stateFolder(), suffix());
    }
    store.bindTopics(topics.chunks().id(), topics.changes().id());
    memory = memory.with(bootId, Standing.IN_USE);
    Epoch epoch = beginEpoch(term, head, previous, acknowledged);
    log.atInfo()
        .addKeyValue("tree", config.tree())
        .addKeyValue("epoch", epoch.offset())
        .addKeyValue("writer", epoch.writer())
        .addKeyValue("scan", plan.scan())
        .addKeyValue("reason", plan.why())
        .log("term begun");
    counters.epoch.set(epoch.offset());
    equip(root, capture, topics, descriptor, partition, changes, epoch, plan.scan());
  }

  /** Decided before the log hears of this term: a refusal must not fence another writer. */
  private Capture openCapture(TreeRoot root) throws IOException {
    Capture capture;
    try {
      capture =
          Capture.open(
              config.capture().mode(), root.descriptor(), root.path(), environment.captureFaults());
      opened.push(capture.source());
      if (capture.mode() == CaptureMode.INOTIFY) {
        WatchLimit.requireEnough(
            root.descriptor(),
            root.path().toString(),
            (path, open) -> LiveTree.isUnwatched(root, config.control().filter(), path, open));
      }
    } catch (CaptureRefusedException e) {
      throw new WatcherRefusedException(String.valueOf(e.getMessage()), e);
    }
    counters.captureMode = capture.mode();
    counters.captureReason = capture.reason();
    log.atInfo()
        .addKeyValue("tree", config.tree())
        .addKeyValue("capture", capture.mode())
        .addKeyValue("reason", capture.reason())
        .log("capture chosen");
    if (capture.mode() == CaptureMode.INOTIFY
        && WatchLimit.queuedEvents().orElse(EVENTS_IN_QUEUE) < EVENTS_IN_QUEUE) {
      log.atWarn()
          .addKeyValue("events", WatchLimit.queuedEvents().orElse(0))
          .log(
              "the kernel's queue of inotify events is short, and the tree is compared whenever it"
                  + " overflows; raise fs.inotify.max_queued_events by sysctl");
    }
    return capture;
  }

  /**
   * An empty root, where there was a tree, is refused before anything is published: that is how a
   * filesystem that is not mounted looks, and what is in doubt would be published as removed.
   */
  private void requireNotEmptied(TreeRoot root, boolean isKnownToLog) throws IOException {
    PathFilter filter = config.control().filter();
    for (DirectoryEntry entry : LinuxFiles.list(root.descriptor())) {
      boolean isPart =
          entry.type() == FileType.DIRECTORY
              ? !filter.excludesDirectory(new byte[0], entry.name())
              : !filter.excludesFile(new byte[0], entry.name());
      if (isPart && !LiveTree.isReserved(LiveTree.ROOT_ID, new Name(entry.name()))) {
        return;
      }
    }
    String example = "";
    boolean isMeant = true;
    try (StateStore.StoredEntries entries = store.list(LiveTree.ROOT_ID)) {
      while (entries.next() && isMeant) {
        byte[] name = entries.name().bytes();
        // What a filter takes out is meant to go.
        isMeant =
            entries.record().isDirectory()
                ? filter.excludesDirectory(new byte[0], name)
                : filter.excludesFile(new byte[0], name);
        example = FoundGone.inRoot(entries.name());
      }
    }
    if (!isMeant) {
      long all = Descendants.count(store, LiveTree.ROOT_ID);
      FoundGone.require(config, all, all, RootState.EMPTY, example);
    } else if (isKnownToLog && example.isEmpty()) {
      // The state that could tell how many there were is lost.
      requireMayBeEmpty();
    }
  }

  private void requireMayBeEmpty() throws WatcherRefusedException {
    if (!config.control().maxRemovals().allows(1, 1, RootState.EMPTY)) {
      throw new WatcherRefusedException(
          ("tree %s: nothing stands in %s, and what was published of it is not remembered any more;"
               + " to publish that would empty the tree. If a filesystem is not mounted, mount it"
               + " and start again. If the tree is meant to be empty, start once with"
               + " --max-removals 100%%.")
              .formatted(config.tree(), config.root()));
    }
  }

  private LogTopics requireTopics() throws IOException {
    try (LogAdmin admin = LogAdmin.connect(config.log())) {
      return admin.requireTopics();
    }
  }

  private Previous previous(Beginning.Plan plan, LogTopics topics) throws IOException {
    boolean sameTopic = store.changesTopic().filter(topics.changes().id()::equals).isPresent();
    // Numbers of another log, or of a store that counts for nothing, would only accuse this one.
    return sameTopic && !plan.forget() ? store.epoch() : new Previous.None();
  }

  private Epoch beginEpoch(
      TermStart term, Optional<Head> head, Previous previous, long acknowledged)
      throws IOException {
    long lastTerm =
        head.map(h -> h.accepted().terms().getOrDefault(memory.writer(), 0L)).orElse(0L);
    while (true) {
      memory = memory.withTerm(Math.max(memory.term(), lastTerm) + 1);
      memory.save(config.stateFolder());
      long number = previous instanceof Previous.None ? 0 : acknowledged;
      OptionalLong offset =
          term.begin(new EpochStarted(config.host(), memory.term(), previous, number), nowMicros());
      if (offset.isPresent()) {
        Epoch epoch = term.epochAt(offset.getAsLong());
        store.beginEpoch(epoch);
        return epoch;
      }
    }
  }

  private void equip(
      TreeRoot root,
      Capture capture,
      LogTopics topics,
      RepositoryDescriptor descriptor,
      int partition,
      Producer<byte[], byte[]> changes,
      Epoch epoch,
      ScanKind scan)
      throws IOException {
    Map<EntryKey, Doubt> doubts = settleDoubts(scan);
    PublishedTree published = new PublishedTree(store);
    opened.push(published);
    forgetSubtrees(published, doubts);
    FrameSender frames =
        new FrameSender(
            config.log(),
            LogClients.frameProducer(config.log()),
            topics.chunks(),
            descriptor.chunksPartitions());
    currentFrames = frames;
    opened.push(frames);
    Watches watches = new Watches(root, capture.source());
    DirectoryTable table = new DirectoryTable(LiveTree.ROOT_ID, root.firstStatus().inode());
    DirtySet dirty =
        new DirtySet(
            config.settle().toNanos(), config.maxDelay().toNanos(), config.limits().dirtyEntries());
    LiveTree tree =
        new LiveTree(root, capture.source(), table, dirty, published, config.control().filter());
    ChangeSender sender =
        new ChangeSender(changes, topics.changes(), partition, config.tree(), epoch, outcomes());
    HandOver hand =
        new HandOver(
            sender,
            published,
            config.limits(),
            counters,
            environment.checkpoints(),
            environment.clock(),
            new Courses(
                environment.trace(),
                topics.changes().id(),
                config.tree(),
                epoch,
                environment.clock()));
    handOver = hand;
    int generation = store.generation();
    Readers readers =
        Readers.start(
            "tidemark-" + config.tree(),
            config.readers(),
            new Readers.Equipment(
                root,
                published,
                frames,
                new Chunker(descriptor.chunkBounds(), descriptor.chunkSeed()),
                Owners.ofHost(),
                watches,
                LiveTree::isReserved,
                config.control().filter(),
                environment.clock(),
                generation,
                counters.bytesRead,
                environment.faults()),
            sink());
    opened.push(readers);
    Passes passes = new Passes(config, tree, hand, readers, counters);
    Verdicts verdicts =
        new Verdicts(
            tree,
            hand,
            passes,
            frames,
            counters,
            topics.chunks().id(),
            generation,
            config.limits().retryUncovered(),
            config.maxDelay(),
            config.onUnreadable());
    keeper =
        new Keeper(
            config,
            mailbox,
            tree,
            hand,
            passes,
            verdicts,
            new Reconciler(config, tree, passes, readers, counters),
            readers,
            counters,
            topics.changes().id(),
            epoch,
            scan,
            onScanCompleted);
    long now = System.nanoTime();
    Directory rootDirectory = table.root();
    tree.adopt(rootDirectory, watches.watch(root.descriptor()), now);
    passes.start(scan, doubts, now);
    EventReader events =
        EventReader.start("tidemark-" + config.tree() + "-events", capture.source(), mailbox);
    opened.push(events);
    eventReader = events;
    Duration interval =
        capture.mode() == CaptureMode.SCAN ? config.capture().scanInterval() : Duration.ZERO;
    opened.push(
        RootGuard.start(
            "tidemark-" + config.tree() + "-root", root, config.root(), interval, mailbox));
    opened.push(followHeads(topics));
    opened.push(
        TopicWatch.start(
            config.log(),
            topics,
            config.limits().heartbeat(),
            () -> mailbox.put(new Message.TopicsRemade())));
  }

  /** Puts a message behind all events that had happened before the call. From any thread. */
  void afterEvents(Message message) throws IOException {
    EventReader events = eventReader;
    if (events == null) {
      throw new IOException("the term has not begun");
    }
    events.afterEvents(message);
  }

  long framesSent() {
    FrameSender frames = currentFrames;
    return frames == null ? 0 : frames.framesSent();
  }

  long frameBytesSent() {
    FrameSender frames = currentFrames;
    return frames == null ? 0 : frames.bytesSent();
  }

  /** In a full scan everything is put again, so that nothing is in doubt. */
  private Map<EntryKey, Doubt> settleDoubts(ScanKind scan) throws IOException {
    return switch (scan) {
      case FULL -> {
        store.clearDoubts();
        yield Map.of();
      }
      case DIFFERENCE -> store.doubts();
    };
  }

  /** What was below a path in doubt may be below it, or not: it is looked at as new. */
  private void forgetSubtrees(PublishedTree published, Map<EntryKey, Doubt> doubts)
      throws IOException {
    for (var doubt : doubts.entrySet()) {
      if (doubt.getValue() == Doubt.SUBTREE) {
        Optional<EntryRecord> record = published.find(doubt.getKey());
        if (record.isPresent() && record.get().isDirectory() && !isRoot(doubt.getKey())) {
          published.forget(List.of(record.get().directoryId()), _ -> false);
        }
        published.forgetEntry(doubt.getKey());
      }
    }
    published.commit();
  }

  private static boolean isRoot(EntryKey key) {
    return key.equals(EntryKey.ROOT);
  }

  private AutoCloseable followHeads(LogTopics topics) {
    String key = config.tree().value();
    return CompactedTopic.follow(
        config.log(),
        topics.heads(),
        (tree, value) -> {
          if (tree.equals(key) && value != null) {
            try {
              mailbox.put(new Message.HeadSeen(Records.decodeHead(value)));
            } catch (IOException e) {
              mailbox.put(new Message.Broken(e));
            }
          }
        },
        failure -> {
          // Without heads it would not hear that another writes. What else ends the following, such
          // as topics that are made again, leads to a new term of its own.
          if (failure instanceof AccessDeniedByBrokerException) {
            mailbox.put(new Message.Broken(failure));
          }
        });
  }

  private ChangeSender.Outcomes outcomes() {
    return new ChangeSender.Outcomes() {
      @Override
      public void acknowledged(ChangeSender.Sent sent, long offset, long logTimeMillis) {
        mailbox.put(new Message.Acknowledged(sent, offset, logTimeMillis));
      }

      @Override
      public void failed(ChangeSender.Sent sent, Exception cause) {
        mailbox.put(new Message.SendFailed(sent, cause));
      }
    };
  }

  private Sink sink() {
    return new Sink() {
      @Override
      public void inspected(long ticket, Inspected inspected) {
        mailbox.put(new Message.Inspected(ticket, inspected));
      }

      @Override
      public void found(Findings findings) {
        mailbox.put(new Message.Found(findings));
      }

      @Override
      public void failed(Throwable cause) {
        mailbox.put(new Message.Broken(cause));
      }
    };
  }

  /** Works until told to stop; then everything published and acknowledged is remembered. */
  void run() throws IOException, InterruptedException, RestartException {
    if (keeper == null) {
      throw new IllegalStateException("no term was begun");
    }
    try {
      keeper.run();
      store.sync();
      memory.with(LinuxFiles.bootId(), Standing.CLOSED).save(config.stateFolder());
    } catch (WatcherFencedException e) {
      // What this store calls published was rejected.
      memory.with(LinuxFiles.bootId(), Standing.VOID).save(config.stateFolder());
      throw e;
    } catch (EntryStoreCorruptException e) {
      giveUpStore();
      throw RestartException.withFullScan("the state store is damaged: " + e.getMessage());
    }
  }

  /** The next term begins with an empty store, wherever the damage was met. */
  private void giveUpStore() throws IOException {
    memory.with(LinuxFiles.bootId(), Standing.DAMAGED).save(config.stateFolder());
  }

  private long nowMicros() {
    return environment.clock().millis() * MICROS_PER_MILLI;
  }

  private String suffix() {
    return Long.toString(environment.clock().millis());
  }

  /** Ends the term where it stands, as a kill would. */
  @Override
  public void close() throws IOException {
    IOException failure = null;
    if (handOver != null) {
      handOver.abandon(new IOException("the watcher of tree " + config.tree() + " has stopped"));
    }
    if (opened.isEmpty()) {
      store.close();
    }
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (Exception e) {
        IOException wrapped =
            e instanceof SystemCallException call ? call : new IOException(e.getMessage(), e);
        if (failure == null) {
          failure = wrapped;
        } else {
          failure.addSuppressed(wrapped);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  UUID writer() {
    return memory.writer();
  }
}
