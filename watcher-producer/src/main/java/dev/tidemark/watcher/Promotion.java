package dev.tidemark.watcher;

import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.log.Heads;
import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogClients;
import dev.tidemark.log.LogTopics;
import dev.tidemark.schemas.change.Change.EpochStarted;
import dev.tidemark.schemas.change.Change.Previous;
import dev.tidemark.schemas.change.Epoch;
import dev.tidemark.schemas.cursor.Head;
import dev.tidemark.schemas.topic.Partitioning;
import dev.tidemark.schemas.topic.RepositoryDescriptor;
import dev.tidemark.watcher.publish.TermStart;
import dev.tidemark.watcher.state.InheritedTree;
import dev.tidemark.watcher.state.StateStore;
import dev.tidemark.watcher.state.WriterMemory;
import dev.tidemark.watcher.state.WriterMemory.Standing;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.apache.kafka.clients.producer.Producer;

/**
 * The way of a standby to the writer's place. Its term begins at once, so that nothing of the old
 * writer is accepted behind that record; then the standby applies what lies before it; then what it
 * has applied becomes the state store of the watcher that follows, which so publishes what was
 * changed here meanwhile and nothing else.
 *
 * <p>For one thread. A process that is killed in the midst promotes again: every step may be taken
 * twice.
 */
public final class Promotion implements AutoCloseable {
  private static final long MICROS_PER_MILLI = 1000;

  private final WatcherConfig config;
  private final LogTopics topics;
  private final Producer<byte[], byte[]> producer;
  private final TermStart start;
  private final InstantSource clock;
  private final Epoch epoch;

  private Promotion(
      WatcherConfig config,
      LogTopics topics,
      Producer<byte[], byte[]> producer,
      TermStart start,
      InstantSource clock,
      Epoch epoch) {
    this.config = config;
    this.topics = topics;
    this.producer = producer;
    this.start = start;
    this.clock = clock;
    this.epoch = epoch;
  }

  /**
   * Begins the term.
   *
   * @param config of the watcher that is to follow; its state folder must be in nobody's use
   * @param known the epoch of the last change that the standby has applied
   * @param number of that change
   * @throws IOException if the broker does not acknowledge it; then the term may have begun or not
   */
  public static Promotion begin(
      WatcherConfig config, Previous known, long number, InstantSource clock) throws IOException {
    LogTopics topics;
    try (LogAdmin admin = LogAdmin.connect(config.log())) {
      topics = admin.requireTopics();
    }
    RepositoryDescriptor descriptor = Beginning.awaitDescriptor(config, topics);
    Optional<Head> head = Heads.find(config.log(), topics, config.tree());
    Files.createDirectories(config.stateFolder());
    WriterMemory memory = WriterMemory.load(config.stateFolder(), UUID.randomUUID());
    Producer<byte[], byte[]> producer = LogClients.changeProducer(config.log());
    try {
      TermStart start =
          new TermStart(
              config.log(),
              producer,
              topics.changes(),
              Partitioning.of(config.tree(), descriptor.changesPartitions()),
              config.tree(),
              memory.writer());
      Epoch epoch = begin(config, memory, start, head, known, number, clock);
      return new Promotion(config, topics, producer, start, clock, epoch);
    } catch (IOException | RuntimeException e) {
      producer.close(Duration.ZERO);
      throw e;
    }
  }

  private static Epoch begin(
      WatcherConfig config,
      WriterMemory from,
      TermStart start,
      Optional<Head> head,
      Previous known,
      long number,
      InstantSource clock)
      throws IOException {
    long lastTerm = head.map(h -> h.accepted().terms().getOrDefault(from.writer(), 0L)).orElse(0L);
    // Until what was applied is in it, the state store is one of another time.
    WriterMemory memory = from.with(LinuxFiles.bootId(), Standing.VOID);
    while (true) {
      memory = memory.withTerm(Math.max(memory.term(), lastTerm) + 1);
      memory.save(config.stateFolder());
      OptionalLong offset =
          start.begin(
              new EpochStarted(config.host(), memory.term(), known, number),
              clock.millis() * MICROS_PER_MILLI);
      if (offset.isPresent()) {
        return start.epochAt(offset.getAsLong());
      }
    }
  }

  /** The term that was begun: what lies before its offset is still the old writer's. */
  public Epoch epoch() {
    return epoch;
  }

  /** Shows others that the new writer is alive while it is still applying. */
  public void heartbeat() throws IOException {
    start.heartbeat(epoch, clock.millis() * MICROS_PER_MILLI);
  }

  /** Where what was applied comes from. */
  public interface Source {
    /** Tells of every entry, directories before what is in them. */
    void tell(InheritedTree tree) throws IOException;
  }

  /** Makes what the standby has applied the state of the watcher that follows. */
  public void inherit(Source source) throws IOException {
    String suffix = Long.toString(clock.millis());
    try (StateStore store = StateStore.openEmpty(config.stateFolder(), suffix)) {
      store.bindTopics(topics.chunks().id(), topics.changes().id());
      try (InheritedTree tree = new InheritedTree(store, clock)) {
        source.tell(tree);
      }
      store.beginEpoch(epoch);
      store.sync();
    }
    WriterMemory.load(config.stateFolder(), epoch.writer())
        .with(LinuxFiles.bootId(), Standing.CLOSED)
        .save(config.stateFolder());
  }

  @Override
  public void close() {
    producer.close(Duration.ZERO);
  }
}
