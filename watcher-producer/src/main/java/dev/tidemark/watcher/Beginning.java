package dev.tidemark.watcher;

import dev.tidemark.log.Descriptors;
import dev.tidemark.log.Heads;
import dev.tidemark.log.LogTopics;
import dev.tidemark.schemas.change.Change.Previous;
import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.schemas.change.Epoch;
import dev.tidemark.schemas.cursor.Fault;
import dev.tidemark.schemas.cursor.Head;
import dev.tidemark.schemas.topic.RepositoryDescriptor;
import dev.tidemark.watcher.publish.TermStart;
import dev.tidemark.watcher.state.StateStore;
import dev.tidemark.watcher.state.WriterMemory;
import dev.tidemark.watcher.state.WriterMemory.Standing;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/**
 * What is decided before a term begins: whether this writer may write, and what its memory is
 * worth.
 */
final class Beginning {
  /** A writer that was silent for so long, by the broker's clock, is taken to be gone. */
  private static final Duration ALIVE = Duration.ofSeconds(30);

  private static final long LOOK_AGAIN_MILLIS = 200;

  /** A chunk-store tells of a record some second after it was appended, or does not run. */
  private static final Duration TOLD = Duration.ofSeconds(5);

  private Beginning() {}

  /**
   * How to begin.
   *
   * @param forget whether the state store is worth nothing
   * @param why for the log
   */
  record Plan(ScanKind scan, boolean forget, String why) {
    static Plan full(String why) {
      return new Plan(ScanKind.FULL, false, why);
    }

    static Plan fresh(String why) {
      return new Plan(ScanKind.FULL, true, why);
    }
  }

  /** The broker's clock, asked only when it matters. */
  interface BrokerClock {
    long millis() throws IOException;
  }

  /**
   * The head behind all that stands in the log now. Without it a writer that is started again just
   * after another one took over would take the tree for its own, begin a term, and so make the
   * other one's changes undone. Where no chunk-store tells, the head as it is known.
   */
  static Optional<Head> newestHead(
      WatcherConfig config, LogTopics topics, TermStart term, long nowMicros) throws IOException {
    Optional<Head> head = Heads.find(config.log(), topics, config.tree());
    if (config.takeOver() == TakeOver.FORCE
        || head.isEmpty()
        || !head.get().accepted().changesTopic().equals(topics.changes().id())) {
      return head;
    }
    long appended = term.probe(nowMicros);
    long deadline = System.nanoTime() + TOLD.toNanos();
    while (head.isPresent()
        && head.get().accepted().nextOffset() <= appended
        && System.nanoTime() - deadline < 0) {
      pause("stopped while asking who writes tree " + config.tree());
      head = Heads.find(config.log(), topics, config.tree());
    }
    return head;
  }

  /** Refuses when another writer holds the tree. */
  static void requireOurs(
      WatcherConfig config,
      Optional<Head> head,
      WriterMemory memory,
      StateStore store,
      BrokerClock clock)
      throws IOException {
    if (config.takeOver() == TakeOver.FORCE || !isAnothers(head, memory, store)) {
      return;
    }
    Head other = head.orElseThrow();
    UUID writer = other.accepted().epoch().writer();
    Duration silent = Duration.ofMillis(Math.max(0, clock.millis() - other.lastHeartbeatMillis()));
    if (silent.compareTo(ALIVE) < 0) {
      throw new OtherWriterException(
          ("tree %s: writer %s on host %s is alive, its last sign came %d s ago. Two writers of one"
               + " tree would fence one another: stop that one first, or start with --take-over to"
               + " make this host the writer.")
              .formatted(config.tree(), writer, other.accepted().host(), silent.toSeconds()));
    }
    throw new OtherWriterException(
        ("tree %s: its last writer was %s on host %s, which the state folder %s does not know."
             + " Start with the state folder of that writer, or with --take-over to make the tree"
             + " what is in %s.")
            .formatted(
                config.tree(),
                writer,
                other.accepted().host(),
                config.stateFolder(),
                config.root()));
  }

  private static boolean isAnothers(Optional<Head> head, WriterMemory memory, StateStore store)
      throws IOException {
    return head.isPresent()
        && head.get().accepted().hasEpoch()
        && !head.get().accepted().epoch().writer().equals(memory.writer())
        && !beganAfter(head.get(), memory, store);
  }

  /**
   * Whether this writer began a term after the one that the head tells of: then the cataloguer is
   * behind, and may be for as long as it likes, and the tree is ours.
   */
  private static boolean beganAfter(Head head, WriterMemory memory, StateStore store)
      throws IOException {
    return memory.standing() != Standing.VOID
        && store.epoch() instanceof Previous.Known(Epoch ours)
        && ours.writer().equals(memory.writer())
        && store.changesTopic().filter(head.accepted().changesTopic()::equals).isPresent()
        && ours.offset() > head.accepted().epoch().offset();
  }

  /** Decides by what is remembered and by what the log says. */
  static Plan plan(
      Optional<Head> head, WriterMemory memory, StateStore store, LogTopics topics, String bootId)
      throws IOException {
    if (memory.standing() == Standing.VOID) {
      return Plan.fresh("this writer was fenced; what it remembers was not accepted");
    }
    if (isAnothers(head, memory, store)) {
      return Plan.fresh("the tree is taken over from another writer");
    }
    if (memory.standing() == Standing.DAMAGED) {
      return Plan.fresh("the state store was damaged");
    }
    if (store.wasDamaged()) {
      return Plan.fresh("the state store was damaged and has been moved aside");
    }
    if (memory.standing() == Standing.IN_USE && !memory.bootId().equals(bootId)) {
      return Plan.fresh("the machine was stopped while the state store was in use");
    }
    if (store.isOfAnotherLayout()) {
      return Plan.fresh("another version made the state store");
    }
    boolean isNew = store.changesTopic().isEmpty();
    if (isNew) {
      boolean knownToLog = head.filter(h -> h.accepted().hasEpoch()).isPresent();
      return knownToLog
          ? Plan.fresh("the state store is gone")
          : new Plan(ScanKind.DIFFERENCE, false, "the tree is new");
    }
    if (!store.changesTopic().filter(topics.changes().id()::equals).isPresent()) {
      return Plan.full("the changes topic is another one");
    }
    if (!store.chunksTopic().filter(topics.chunks().id()::equals).isPresent()) {
      return Plan.full("the chunks topic is another one");
    }
    return head.isPresent() ? plan(head.get(), store, topics) : difference();
  }

  private static Plan plan(Head head, StateStore store, LogTopics topics) throws IOException {
    if (!head.accepted().changesTopic().equals(topics.changes().id())) {
      return difference();
    }
    Epoch accepted = head.accepted().epoch();
    long ours = store.epoch() instanceof Previous.Known(Epoch known) ? known.offset() : -1;
    if (head.accepted().hasEpoch() && accepted.offset() > ours) {
      return Plan.fresh("the state store is older than this writer's last term");
    }
    Fault.Kind fault = head.accepted().fault().kind();
    return fault == Fault.Kind.LOST_TAIL || fault == Fault.Kind.LOST_RANGE
        ? Plan.full("the log has lost changes")
        : difference();
  }

  private static Plan difference() {
    return new Plan(ScanKind.DIFFERENCE, false, "the state store goes on");
  }

  /** Waits for the repository's descriptor, which says how to cut and where chunks go. */
  static RepositoryDescriptor awaitDescriptor(WatcherConfig config, LogTopics topics)
      throws IOException {
    long deadline = System.nanoTime() + config.descriptorWait().toNanos();
    while (true) {
      Optional<RepositoryDescriptor> descriptor = Descriptors.find(config.log(), topics);
      if (descriptor.isPresent()) {
        return descriptor.get();
      }
      if (System.nanoTime() - deadline > 0) {
        throw new WatcherRefusedException(
            ("no repository descriptor in topic %s: start `tidemark store`, which makes the"
                    + " repository and publishes it.")
                .formatted(topics.repository().name()));
      }
      pause("stopped while waiting for the repository's descriptor");
    }
  }

  private static void pause(String interrupted) throws InterruptedIOException {
    try {
      Thread.sleep(LOOK_AGAIN_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(interrupted);
    }
  }
}
