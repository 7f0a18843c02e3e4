package dev.tidemark.watcher;

import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.log.AccessDeniedByBrokerException;
import dev.tidemark.schemas.change.Change.Cause;
import dev.tidemark.schemas.change.Change.Frames;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.watcher.Courses.Course;
import dev.tidemark.watcher.dirty.Directory;
import dev.tidemark.watcher.dirty.DirectoryTable;
import dev.tidemark.watcher.dirty.Mark;
import dev.tidemark.watcher.publish.ChangeTooLargeException;
import dev.tidemark.watcher.publish.FrameSender;
import dev.tidemark.watcher.publish.FrameSender.SentFrame;
import dev.tidemark.watcher.read.Findings;
import dev.tidemark.watcher.read.Inspected;
import dev.tidemark.watcher.read.Inspected.Found;
import dev.tidemark.watcher.read.Inspected.FoundDirectory;
import dev.tidemark.watcher.read.WatchOutcome;
import dev.tidemark.watcher.state.ChunkState;
import dev.tidemark.watcher.state.EntryKey;
import dev.tidemark.watcher.state.EntryRecord;
import dev.tidemark.watcher.state.Name;
import dev.tidemark.watcher.state.PublishedTree;
import dev.tidemark.watcher.state.Signature;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what a look at an entry means for the log, and hands that over. Answers wait here while
 * the log takes no more; those to live changes go first. Owned by the keeper.
 */
final class Verdicts {
  private static final Logger log = LoggerFactory.getLogger(Verdicts.class);
  private static final long AGAIN_NANOS = 2_000_000;
  private static final long LONGEST_NANOS = 1_000_000_000;
  private static final int ATTEMPTS_BEFORE_PARENT = 3;
  private static final int DOUBLINGS = 9;

  private final LiveTree tree;
  private final HandOver handOver;
  private final Passes passes;
  private final FrameSender frames;
  private final Counters counters;
  private final UUID chunksTopic;
  private final int generation;
  private final Duration retry;
  private final Duration eventDelay;
  private final OnUnreadable onUnreadable;
  private final LinkGroups links;
  private final Set<String> reported = new HashSet<>();
  private final Deque<Message.Inspected> live = new ArrayDeque<>();
  private final Deque<Message.Inspected> scanned = new ArrayDeque<>();

  Verdicts(
      LiveTree tree,
      HandOver handOver,
      Passes passes,
      FrameSender frames,
      Counters counters,
      UUID chunksTopic,
      int generation,
      Duration retry,
      Duration eventDelay,
      OnUnreadable onUnreadable) {
    this.tree = tree;
    this.handOver = handOver;
    this.passes = passes;
    this.frames = frames;
    this.counters = counters;
    this.chunksTopic = chunksTopic;
    this.generation = generation;
    this.retry = retry;
    this.eventDelay = eventDelay;
    this.onUnreadable = onUnreadable;
    this.links = new LinkGroups(tree, passes);
  }

  void add(Message.Inspected answer) {
    Optional<Mark> mark = tree.dirty.findOut(answer.ticket());
    boolean isLive = mark.isEmpty() || mark.get().cause() == Cause.LIVE;
    (isLive ? live : scanned).add(answer);
  }

  /** Hands over as much as the log takes. */
  void handOver(long now) throws IOException {
    while (handOver.isOpen() && !(live.isEmpty() && scanned.isEmpty())) {
      Message.Inspected answer = live.isEmpty() ? scanned.poll() : live.poll();
      Optional<Mark> mark = tree.dirty.findOut(answer.ticket());
      if (mark.isPresent()) {
        decide(mark.get(), answer.found(), now);
      } else if (answer.found() instanceof FoundDirectory found) {
        tree.discard(found.watch());
      }
    }
    links.lookAtRest(now);
  }

  private void decide(Mark mark, Inspected answer, long now) throws IOException {
    if (!mark.directory().isAnnounced() && !mark.isRoot()) {
      // Parents come first: the directory's own put is under way.
      if (answer instanceof FoundDirectory found) {
        tree.discard(found.watch());
      }
      tree.dirty.retry(mark, 0, now, now + AGAIN_NANOS);
      return;
    }
    boolean unheardOf = isUnheardOf(mark, answer);
    long publishedBefore = counters.published.get();
    try {
      switch (answer) {
        case Inspected.Absent(), Inspected.Excluded() -> absent(mark, now);
        case Inspected.Stale() -> stale(mark, now);
        case Inspected.Unreadable(var cause) -> unreadable(mark, cause, now);
        case Inspected.FramesLost(var cause) -> {
          if (cause.getCause() instanceof AccessDeniedByBrokerException denied) {
            // To send it again is of no use until somebody gives the right.
            throw denied;
          }
          complain("frames lost", mark, cause);
          tree.dirty.retry(mark, Mark.READ, now, now + backoff(mark));
        }
        case Inspected.Skipped _ -> {
          counters.sockets.incrementAndGet();
          removeIfPublished(mark);
          tree.dirty.done(mark, now);
        }
        case FoundDirectory found -> directory(mark, found, now);
        case Found found -> node(mark, found, now);
      }
    } catch (ChangeTooLargeException e) {
      if (answer instanceof FoundDirectory found) {
        tree.discard(found.watch());
      }
      unreadable(mark, e, now);
    }
    if (unheardOf && counters.published.get() > publishedBefore) {
      missed(mark);
    }
  }

  /**
   * Whether an event would have told of it by now. What was changed a moment ago may be on its way,
   * although something else made it suspect.
   */
  private boolean isUnheardOf(Mark mark, Inspected answer) {
    if (!mark.has(Mark.SUSPECT) || mark.cause() != Cause.RECONCILE || mark.hasNews()) {
      return false;
    }
    return switch (answer) {
      case Found found -> isOld(found.signature(), found.capturedAtMicros());
      case FoundDirectory found -> isOld(found.signature(), found.capturedAtMicros());
      // It was missing when it became suspect; what differed then may have gone just now.
      case Inspected.Absent() -> !mark.has(Mark.DATA);
      case Inspected.Excluded(),
          Inspected.Stale(),
          Inspected.Unreadable _,
          Inspected.FramesLost _,
          Inspected.Skipped _ ->
          false;
    };
  }

  private boolean isOld(Signature signature, long nowMicros) {
    return !signature.isRacyAt(nowMicros / 1000, eventDelay.toMillis());
  }

  private void missed(Mark mark) {
    counters.misses.incrementAndGet();
    if (reported.add("missed")) {
      log.atWarn()
          .addKeyValue("path", path(mark))
          .log("no event told of this change; further ones are only counted");
    }
  }

  private static long backoff(Mark mark) {
    return Math.min(LONGEST_NANOS, AGAIN_NANOS << Math.min(mark.attempts(), DOUBLINGS));
  }

  private static NodePath path(Mark mark) {
    return DirectoryTable.pathOf(mark.directory(), mark.name());
  }

  private void absent(Mark mark, long now) throws IOException {
    removeIfPublished(mark);
    tree.dirty.done(mark, now);
  }

  /** A name that was never published needs no removal, unless nobody knows whether it was. */
  private void removeIfPublished(Mark mark) throws IOException {
    if (tree.published(mark.directory(), mark.name()).isPresent() || mark.has(Mark.DOUBT)) {
      remove(mark);
    }
  }

  private void remove(Mark mark) throws IOException {
    Directory directory = mark.directory();
    Optional<EntryRecord> before = tree.published(directory, mark.name());
    handOver.remove(path(mark), mark.key(), mark.cause(), mark.since());
    passes.dropped(tree.forgetBelow(directory, mark.name(), before));
  }

  private void stale(Mark mark, long now) {
    if (mark.attempts() >= ATTEMPTS_BEFORE_PARENT && !mark.isRoot()) {
      Mark above = tree.check(mark.directory(), Mark.META | Mark.DATA, Cause.RECONCILE, now);
      assert above != mark;
    }
    tree.dirty.retry(mark, 0, now, now + backoff(mark));
  }

  /** Stops the watcher where a directory cannot be listed, if it is to stop then. */
  void requireReadable(Findings findings) throws WatcherRefusedException {
    if (findings.progress() instanceof Findings.Progress.Unreadable(var cause)) {
      stopIfAsked(cause);
    }
  }

  private void stopIfAsked(IOException cause) throws WatcherRefusedException {
    if (onUnreadable == OnUnreadable.FAIL) {
      throw new WatcherRefusedException(
          ("stopped as --on-unreadable fail asks: %s. Let this user read it, or start with"
                  + " --on-unreadable report to keep all else.")
              .formatted(cause.getMessage()),
          cause);
    }
  }

  /** Attributes that this process may not read: the entry is published without them. */
  private void withheld(Mark mark, Inspected.Seen seen) throws WatcherRefusedException {
    for (SystemCallException cause : seen.withheld()) {
      counters.unreadable.incrementAndGet();
      complain("extended attribute cannot be read; the entry is kept without it", mark, cause);
      stopIfAsked(cause);
    }
  }

  private void unreadable(Mark mark, IOException cause, long now) throws IOException {
    counters.unreadable.incrementAndGet();
    complain("entry cannot be read; what was published of it stays", mark, cause);
    stopIfAsked(
        cause instanceof SystemCallException
            ? cause
            : new IOException(path(mark) + ": " + cause.getMessage(), cause));
    if (mark.has(Mark.AGAIN) && passes.isFullScanOpen() && !mark.isRoot()) {
      handOver.keep(path(mark));
    }
    int bits = mark.bits();
    tree.dirty.done(mark, now);
    tree.dirty.at(mark.directory(), mark.name(), bits, Cause.RECONCILE, now, now + retry.toNanos());
  }

  private void complain(String what, Mark mark, IOException cause) {
    counters.lastError = String.valueOf(cause.getMessage());
    String kind =
        cause instanceof SystemCallException e ? e.call() + e.errno() : cause.getClass().getName();
    if (reported.add(kind)) {
      log.atWarn()
          .addKeyValue("path", path(mark))
          .addKeyValue("reason", cause.getMessage())
          .log(what + "; further ones of this kind are only counted");
    }
  }

  private void directory(Mark mark, FoundDirectory found, long now) throws IOException {
    withheld(mark, found.seen());
    if (mark.isRoot()) {
      putDirectory(mark, tree.table.root(), found);
      tree.dirty.done(mark, now);
      return;
    }
    Optional<Directory> known =
        mark.directory()
            .child(mark.name())
            .filter(d -> !d.isDetached() && d.inode() == found.signature().inode());
    int pass = mark.pass() == passes.current() ? mark.pass() : 0;
    if (known.isPresent()) {
      boolean wasAnnounced = known.get().isAnnounced();
      boolean rewatched = tree.adopt(known.get(), found.watch(), now);
      putDirectory(mark, known.get(), found);
      if (rewatched || !wasAnnounced) {
        passes.schedule(known.get(), pass);
      }
    } else {
      newDirectory(mark, found, pass, now);
    }
    tree.dirty.done(mark, now);
  }

  private void putDirectory(Mark mark, Directory directory, FoundDirectory found)
      throws IOException {
    EntryRecord record = EntryRecord.ofDirectory(directory.id(), found.signature(), found.node());
    Optional<EntryRecord> before = tree.published(mark.directory(), mark.name());
    boolean same = before.isPresent() && before.get().node().equals(found.node());
    if (!same || mark.has(Mark.AGAIN | Mark.DOUBT)) {
      handOver.put(path(mark), mark.key(), record, Frames.NONE, mark.cause(), course(mark, found));
      directory.announced(true);
    } else if (!before.get().signature().equals(found.signature())) {
      tree.published.refresh(mark.key(), record);
    }
  }

  private static Course course(Mark mark, FoundDirectory found) {
    return new Course(mark.since(), Inspected.Times.at(found.capturedAtMicros()));
  }

  private void newDirectory(Mark mark, FoundDirectory found, int pass, long now)
      throws IOException {
    Optional<EntryRecord> before = tree.published(mark.directory(), mark.name());
    boolean wasDirectory =
        before.filter(EntryRecord::isDirectory).isPresent()
            || mark.directory().child(mark.name()).isPresent();
    if (wasDirectory || mark.has(Mark.DOUBT)) {
      // A put of a directory over a directory would keep what was in the other one.
      remove(mark);
    }
    long id = tree.newDirectoryId();
    EntryRecord record = EntryRecord.ofDirectory(id, found.signature(), found.node());
    handOver.put(path(mark), mark.key(), record, Frames.NONE, mark.cause(), course(mark, found));
    Directory directory =
        tree.table.add(id, found.signature().inode(), mark.directory(), mark.name());
    tree.adopt(directory, found.watch(), now);
    if (found.watch() instanceof WatchOutcome.NotAsked) {
      // Replaced between the stat and the watch.
      tree.check(directory, Mark.META, Cause.LIVE, now);
    }
    passes.schedule(directory, pass);
  }

  private void node(Mark mark, Found found, long now) throws IOException {
    withheld(mark, found.seen());
    Inspected.Bodies bodies = found.bodies();
    OptionalLong oldest = oldestFrame(bodies);
    if (oldest.isEmpty()) {
      // What was held when it was read is not held any more: its body goes first.
      tree.dirty.retry(mark, Mark.READ, now, now);
      return;
    }
    Directory directory = mark.directory();
    Name name = mark.name();
    EntryKey key = mark.key();
    Optional<EntryRecord> before = tree.published(directory, name);
    EntryRecord record =
        EntryRecord.of(
            found.signature(),
            found.racy(),
            generation,
            bodies.nested() ? bodies.needs() : List.of(),
            found.node());
    boolean same =
        before.isPresent()
            && !before.get().isDirectory()
            && directory.child(name).isEmpty()
            && Sameness.of(before.get().node(), found.node());
    if (same
        && before.get().generation() == generation
        && !mark.has(Mark.AGAIN | Mark.DOUBT | Mark.READ)) {
      if (!before.get().signature().equals(found.signature())
          || before.get().isRacy() != found.racy()) {
        tree.published.refresh(key, before.get().withSignature(found.signature(), found.racy()));
      }
    } else {
      Frames needed =
          bodies.needs().isEmpty()
              ? Frames.NONE
              : new Frames(chunksTopic, bodies.needs(), oldest.getAsLong());
      handOver.put(
          path(mark), key, record, needed, mark.cause(), new Course(mark.since(), found.times()));
      passes.dropped(tree.forgetBelow(directory, name, before.filter(EntryRecord::isDirectory)));
      links.published(mark, found, now);
    }
    links.count(mark, found, before.filter(EntryRecord::isLinked).isPresent(), now);
    tree.dirty.rest(key, bodies.bytesRead(), now);
    tree.dirty.done(mark, now);
    if (found.node() instanceof Node.File(_, Content content) && content.torn()) {
      counters.torn.incrementAndGet();
      tree.dirty.whenQuiet(directory, name, Mark.DATA, Cause.LIVE, now);
    }
  }

  /**
   * The oldest frame that no acknowledged path holds; empty if a body that was left out is not held
   * any more.
   */
  private OptionalLong oldestFrame(Inspected.Bodies bodies) throws IOException {
    long oldest = bodies.oldestMillis();
    for (ChunkId id : bodies.leftOut()) {
      if (tree.published.findChunk(id).filter(ChunkState::isLive).isPresent()) {
        continue;
      }
      Optional<SentFrame> fresh = frames.findFresh(id);
      if (fresh.isEmpty()) {
        return OptionalLong.empty();
      }
      long time = fresh.get().logTimeMillis();
      oldest = oldest == 0 ? time : Math.min(oldest, time);
    }
    return OptionalLong.of(oldest);
  }

  /** The store side lacks chunks that a path names: their bodies are sent again. */
  void resend(NodePath path, List<ChunkId> chunks, long now) throws IOException {
    Optional<Directory> directory =
        path.isRoot() ? Optional.empty() : tree.table.findPath(path.parent());
    Name name = new Name(path.name());
    Optional<EntryRecord> record =
        directory.isPresent() ? tree.published(directory.get(), name) : Optional.empty();
    Set<ChunkId> lost = new HashSet<>(chunks);
    if (record.isPresent() && !record.get().isDirectory()) {
      lost.addAll(PublishedTree.chunksOf(record.get()));
    }
    lost.forEach(frames::forget);
    tree.published.forgetChunks(lost);
    if (directory.isPresent()) {
      log.atWarn()
          .addKeyValue("path", path)
          .addKeyValue("chunks", lost.size())
          .log("the store lacks chunks of this path; sending them again");
      tree.dirty.now(directory.get(), name, Mark.READ | Mark.DATA, Cause.RECONCILE, now);
    }
  }
}
