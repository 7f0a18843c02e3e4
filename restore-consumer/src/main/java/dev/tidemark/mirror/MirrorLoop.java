package dev.tidemark.mirror;

import dev.tidemark.apply.FrameSource;
import dev.tidemark.apply.LogFrames;
import dev.tidemark.apply.TargetDirectory;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.log.ChangeReader;
import dev.tidemark.log.Descriptors;
import dev.tidemark.log.Follower;
import dev.tidemark.log.FrameReader;
import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogRecord;
import dev.tidemark.log.LogTopics;
import dev.tidemark.log.OffsetLostException;
import dev.tidemark.log.TopicWatch;
import dev.tidemark.mirror.Hold.Stage;
import dev.tidemark.mirror.MirrorStatus.Phase;
import dev.tidemark.mirror.Origin.StartingPoint;
import dev.tidemark.mirror.Steering.Cut;
import dev.tidemark.mirror.Synchroniser.Known;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.topic.Partitioning;
import dev.tidemark.schemas.topic.RepositoryDescriptor;
import dev.tidemark.schemas.tree.TreeBase;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The mirror's own thread: connects, finds where to go on, follows; and after a failure says so,
 * waits and begins again. What it applied is never given up for a failure that may pass.
 */
final class MirrorLoop {
  private static final Logger log = LoggerFactory.getLogger(MirrorLoop.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration TOPICS_LOOK = Duration.ofSeconds(5);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final MirrorConfig config;
  private final TargetDirectory target;
  private final MirrorState state;
  private final Applier applier;
  private final Synchroniser synchroniser;
  private final Origin origin;
  private final StatusBoard board;
  private final HoldBack holdBack;
  private final InstantSource clock;
  private final Steering steering;
  private final Standing standing;
  private volatile @Nullable ChangeReader reading;
  private Duration pause = FIRST_PAUSE;
  private boolean repairNext;
  private final BlockedRetry blocked;
  private final DriftSlices drift;
  private final DriftEvents driftEvents;
  private final SubsetChange subset;
  private final ApplyTrace trace;

  MirrorLoop(
      MirrorConfig config,
      TargetDirectory target,
      MirrorState state,
      Applier applier,
      Origin origin,
      StatusBoard board,
      ApplyTrace trace,
      InstantSource clock)
      throws IOException {
    this.config = config;
    this.target = target;
    this.state = state;
    this.applier = applier;
    this.synchroniser = new Synchroniser(config, target, state, board, clock);
    this.origin = origin;
    this.board = board;
    this.trace = trace;
    this.clock = clock;
    this.holdBack = new HoldBack(config.following().delay(), clock);
    this.steering = new Steering(config, state, board, clock, this::wakeUp);
    this.blocked = new BlockedRetry(state, applier, synchroniser, board);
    this.subset = new SubsetChange(config.subset(), state, applier, synchroniser, board);
    this.driftEvents = new DriftEvents(config, target, state);
    this.drift = new DriftSlices(config, target, state, origin.frames(), clock);
    this.standing =
        new Standing(config, state, applier, synchroniser, origin, board, steering, blocked);
  }

  /** Works until the board says that the mirror closes. */
  void run() throws InterruptedException, IOException {
    state.cursor().ifPresent(cursor -> board.applied(cursor, 0, state.digest()));
    try (drift;
        driftEvents) {
      while (!board.isClosing()) {
        try {
          session();
        } catch (MirrorDivergedException e) {
          begin(e);
        } catch (IOException e) {
          fail(e);
        }
      }
    }
  }

  /** From any thread: ends a wait for the log. */
  void wakeUp() {
    ChangeReader reader = reading;
    if (reader != null) {
      reader.wakeup();
    }
  }

  private void fail(IOException e) throws InterruptedException, IOException {
    if (board.isClosing()) {
      return;
    }
    String message = TargetFaults.describe(e);
    if (!message.equals(board.status().error())) {
      // Said once, not with every try.
      log.atWarn()
          .addKeyValue("tree", config.tree())
          .addKeyValue("reason", message)
          .log("mirror interrupted");
      log.atDebug().setCause(e).log("interrupted by");
    }
    board.failed(message);
    repairNext |= isDrift(e);
    applier.rollBack();
    board.pause(pause);
    pause = min(pause.multipliedBy(2), LONGEST_PAUSE);
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /** What applying can only meet if somebody else changed the target. */
  private static boolean isDrift(Throwable failure) {
    for (Throwable e = failure; e != null; e = e.getCause()) {
      if (e instanceof TargetDriftException) {
        return true;
      }
      if (e instanceof SystemCallException call) {
        switch (call.errno()) {
          case ENOENT, ENOTDIR, ELOOP, EEXIST, ENOTEMPTY, EISDIR -> {
            return true;
          }
          default -> {
            // Nothing that a comparison would mend.
          }
        }
      }
    }
    return false;
  }

  /** State and log are not of one history: begins again, if there is something to begin from. */
  private void begin(MirrorDivergedException e) throws InterruptedException, IOException {
    fail(e);
    Optional<StartingPoint> point = origin.newest().filter(StartingPoint::isWhole);
    if (point.isPresent()) {
      synchronise(point.get());
    }
  }

  private void session() throws IOException, InterruptedException {
    LogTopics topics;
    Optional<RepositoryDescriptor> descriptor;
    try (LogAdmin admin = LogAdmin.connect(config.log())) {
      topics = admin.requireTopics();
      descriptor = Descriptors.find(config.log(), topics);
    }
    int partitions =
        descriptor
            .map(RepositoryDescriptor::changesPartitions)
            .orElse(topics.changes().partitions());
    int partition = Partitioning.of(config.tree(), partitions);
    long after = descriptor.map(RepositoryDescriptor::sequencesAfter).orElse(0L);
    AtomicBoolean remade = new AtomicBoolean();
    try (LogFrames inLog = new LogFrames(new FrameReader(config.log(), topics));
        ChangeReader reader = new ChangeReader(config.log(), topics, partition, 0);
        TopicWatch _ = TopicWatch.start(config.log(), topics, TOPICS_LOOK, () -> remade.set(true));
        Follower _ = steering.follow(topics)) {
      reading = reader;
      // Of much that is to be compared nearly all is sealed, and is read pack by pack.
      FrameSource sealedFirst = config.hasRepository() ? origin.frames().orElse(inLog) : inLog;
      FrameChoice frames =
          new FrameChoice(
              config.writing().framesFrom(), inLog.orElse(origin.frames()), sealedFirst, clock);
      if (state.cursor().isPresent()) {
        // Before it may stand where it is, on what a power loss has left.
        repairIfInDoubt(sealedFirst);
      }
      subset.settle(sealedFirst);
      while (standing.until(sealedFirst, () -> board.isClosing() || remade.get())) {
        Cursor cursor = findStart(topics, partition, after, reader, sealedFirst);
        if (steering.hasBoundAhead()) {
          // What was released stands at the newest now, which may be past the bound.
          continue;
        }
        reader.seek(cursor.nextOffset());
        board.applied(cursor, 0, state.digest());
        board.phase(Phase.FOLLOWING);
        steering.follows();
        driftEvents.begin();
        if (!follow(reader, frames, cursor, remade)) {
          return;
        }
      }
    } finally {
      reading = null;
    }
  }

  private Cursor findStart(
      LogTopics topics, int partition, long sequencesAfter, ChangeReader reader, FrameSource frames)
      throws IOException {
    Optional<Cursor> applied = state.cursor();
    if (applied.isEmpty()) {
      Cursor first = firstStart(topics, partition, sequencesAfter, reader);
      endRelease();
      return first;
    }
    endRelease();
    repairIfInDoubt(frames);
    Cursor cursor = state.cursor().orElseThrow();
    return switch (StartingCursor.relate(cursor, topics.changes().id(), reader)) {
      case GOES_ON -> cursor;
      case LOST_RANGE -> {
        Optional<StartingPoint> point = origin.newest();
        yield point.isPresent() && point.get().cursor().sequence() >= cursor.sequence()
            ? bootstrap(point.get(), topics, partition, reader)
            : restart(cursor.afterLostRange(reader.beginningOffset()));
      }
      case OTHER_LOG -> {
        // What is sealed may begin with a scan that is not over: compared with less than the tree,
        // the target would lose what the rest of the scan brings back.
        Optional<StartingPoint> point = origin.newest().filter(StartingPoint::isWhole);
        yield point.isPresent()
            ? bootstrap(point.get(), topics, partition, reader)
            : restart(
                cursor.newIncarnation(
                    topics.changes().id(), partition, reader.beginningOffset(), sequencesAfter));
      }
    };
  }

  /** What was applied counts again. */
  private void endRelease() throws IOException {
    if (state.notes().hold().filter(hold -> hold.stage() == Stage.COMPARED).isPresent()) {
      state.notes().clearHold();
    }
  }

  private Cursor restart(Cursor cursor) throws IOException {
    state.commit(cursor);
    return cursor;
  }

  private Cursor firstStart(
      LogTopics topics, int partition, long sequencesAfter, ChangeReader reader)
      throws IOException {
    Optional<StartingPoint> point = origin.newest();
    if (point.isPresent()) {
      return bootstrap(point.get(), topics, partition, reader);
    }
    long beginning = reader.beginningOffset();
    if (beginning > 0) {
      throw new IOException(
          ("Nothing of tree %s is sealed%s, and the log begins at offset %d: what came before is"
               + " gone. Run `tidemark store` and wait until the tree is sealed, or let its watcher"
               + " do a full scan.")
              .formatted(
                  config.tree(),
                  config.hasRepository() ? " in " + config.repositoryUrl() : "",
                  beginning));
    }
    Cursor start = Cursor.start(topics.changes().id(), partition, 0, sequencesAfter);
    board.phase(Phase.SYNCING);
    synchroniser.bootstrap(TreeBase.EMPTY, start, known(), origin.frames());
    return start;
  }

  /**
   * What is sealed may be of an older log than this one, or of a tail that this one has lost: then
   * the tree goes on in a new incarnation, as the chunk-store counts it.
   */
  private Cursor bootstrap(
      StartingPoint point, LogTopics topics, int partition, ChangeReader reader)
      throws IOException {
    synchronise(point);
    Cursor sealed = point.cursor();
    UUID topic = topics.changes().id();
    if (!sealed.changesTopic().equals(topic) || sealed.partition() != partition) {
      return restart(sealed.newIncarnation(topic, partition, reader.beginningOffset()));
    }
    if (sealed.nextOffset() < reader.beginningOffset()) {
      // Neither the repository nor the log has what is between.
      return restart(sealed.afterLostRange(reader.beginningOffset()));
    }
    long end = reader.endOffset();
    return sealed.nextOffset() <= end
        ? sealed
        : restart(sealed.newIncarnation(topic, partition, end));
  }

  private void synchronise(StartingPoint point) throws IOException {
    board.phase(Phase.SYNCING);
    applier.reset();
    Known has = known();
    Optional<Hold> released = state.notes().hold().filter(hold -> hold.stage() == Stage.RELEASED);
    if (released.isPresent()) {
      // From here on the state tells less and less.
      state.notes().putHold(released.get().in(Stage.COMPARED), "");
      has = Known.STATE;
    }
    synchroniser.bootstrap(point.tree(), point.cursor(), has, origin.frames());
    repairNext = false;
  }

  private Known known() throws IOException {
    if (state.cursor().isPresent()) {
      return Known.APPLIED;
    }
    return state.notes().hold().filter(Hold::ours).isPresent() ? Known.OURS : Known.NOTHING;
  }

  /** After a power loss, or when the target was found changed. */
  private void repairIfInDoubt(FrameSource frames) throws IOException {
    String boot = LinuxFiles.bootId();
    long applied = state.cursor().orElseThrow().sequence();
    boolean lostPower =
        !state.notes().bootId().equals(boot) && state.notes().durableSequence() != applied;
    if (lostPower || repairNext || state.notes().isDriftNoted()) {
      board.phase(Phase.SYNCING);
      applier.reset();
      synchroniser.repair(lostPower ? state.notes().durableSequence() : Long.MAX_VALUE, frames);
      state.notes().forgetDrift();
      repairNext = false;
    }
    if (!state.notes().bootId().equals(boot)) {
      state.notes().putBootId(boot);
    }
  }

  /** Whether it ended because the standby is to stand, or was told something else. */
  private boolean follow(
      ChangeReader reader, FrameChoice frames, Cursor start, AtomicBoolean remade)
      throws IOException, InterruptedException {
    Cursor cursor = start;
    List<LogRecord> read = List.of();
    while (!board.isClosing() && !remade.get()) {
      try {
        if (read.isEmpty()) {
          read = reader.poll(POLL);
          trace.received();
        }
      } catch (OffsetLostException e) {
        // Found again, and dealt with, at the next start.
        log.atWarn().setCause(e).log("the log lost what comes next");
        return false;
      }
      if (steering.hasCommand()) {
        return true;
      }
      blocked.retry(frames.sealedFirst());
      List<LogRecord> due = holdBack.due(read);
      List<ChangeBatch> batches = ChangeBatch.judge(due, config.tree(), cursor);
      read = read.subList(due.size(), read.size());
      if (batches.isEmpty() && state.collectGone()) {
        continue;
      }
      if (due.isEmpty() && !read.isEmpty()) {
        board.pause(POLL);
      }
      for (ChangeBatch batch : batches) {
        Cut cut = steering.cut(batch, cursor);
        if (!applyUntilDone(cut.batch(), frames.of(cut.batch().lastAppendedMillis()), remade)) {
          return steering.hasCommand();
        }
        blocked.tell();
        cursor = cut.batch().readTo();
        if (repairNext || board.isClosing()) {
          return false;
        }
        if (cut.reached()) {
          steering.reached(cursor.sequence(), cursor.logTimeMillis());
          return true;
        }
      }
      mendDrift(
          batches.isEmpty() ? driftEvents.look() : driftEvents.lookWhileBusy(),
          frames.sealedFirst());
    }
    return false;
  }

  /** What others have changed; if it cannot be put right, what follows is applied all the same. */
  private void mendDrift(long heardOf, FrameSource frames) throws IOException {
    long drifted = heardOf;
    board.unheard(driftEvents.unheard());
    if (driftEvents.takeLost()) {
      drift.beginPass();
    }
    drifted += drifted == 0 ? drift.look() : 0;
    if (drifted == 0) {
      return;
    }
    board.drifted(drifted);
    applier.reset();
    try {
      synchroniser.repair(Long.MAX_VALUE, frames);
    } catch (IOException e) {
      applier.rollBack();
      log.atWarn()
          .setCause(e)
          .addKeyValue("tree", config.tree())
          .log("what others changed cannot be put right now; trying again later");
    }
  }

  /**
   * A failure that may pass keeps the batch: frames may still be sealed, space be freed. Ends
   * before it is applied if the mirror is to close, is told something else, or has to begin again.
   */
  private boolean applyUntilDone(ChangeBatch batch, FrameSource frames, AtomicBoolean remade)
      throws IOException, InterruptedException {
    trace.begins();
    while (!board.isClosing() && !remade.get()) {
      try {
        FrameSource read = BatchFrames.read(applier.puts(batch.changes()), state, frames);
        applier.apply(batch.changes(), read, batch.readTo());
        pause = FIRST_PAUSE;
        board.rejected(batch.rejected());
        board.gap(batch.gap().detail());
        board.applied(batch.readTo(), batch.lastAppendedMillis(), state.digest());
        trace.applied(batch.changes());
        return true;
      } catch (MirrorDivergedException e) {
        throw e;
      } catch (IOException e) {
        fail(e);
        if (repairNext || steering.hasCommand()) {
          return false;
        }
      }
    }
    return false;
  }
}
