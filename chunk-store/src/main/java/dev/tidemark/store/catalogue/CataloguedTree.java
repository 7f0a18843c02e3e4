package dev.tidemark.store.catalogue;

import dev.tidemark.repository.treelog.LogDisagreementException;
import dev.tidemark.repository.treelog.LogHoleException;
import dev.tidemark.repository.treelog.LogSegment;
import dev.tidemark.repository.treelog.SealedChangeStream;
import dev.tidemark.repository.treelog.TreeLog;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.change.SealedChange.Origin;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Fault;
import dev.tidemark.schemas.cursor.Head;
import dev.tidemark.schemas.cursor.Verdict;
import dev.tidemark.store.source.ChangesLostException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One tree on its way from the log into the repository.
 *
 * <p>Accepted changes stand in three places, oldest first: the batch, which is all durable and
 * becomes the next segment; the queue, which waits for its chunks; and, past the memory bound, the
 * range of the log from the tail to the head's accepted cursor. At most one piece of blocking work
 * is under way at a time. Owned by the stream thread.
 */
final class CataloguedTree {
  private static final Logger log = LoggerFactory.getLogger(CataloguedTree.class);
  private static final int MAX_SHOWN = 64;
  private static final long RETRY_MILLIS = 1_000;
  private static final long LAST_RETRY_MILLIS = 30_000;

  private final CatalogueContext shared;
  private final Mailbox mailbox;
  private final Watermarks watermarks;
  private final LongSupplier clockMillis;
  private final TreeLog treeLog;
  private final ChunkPresence presence;

  private Head head;
  private boolean changed = true;
  private boolean urgent;

  private final Deque<Unsealed> batch = new ArrayDeque<>();
  private final Deque<Unsealed> queue = new ArrayDeque<>();
  private long batchBytes;
  private long batchSinceMillis;

  /** Where the queue ends; the log is read again from here if the accepted cursor is further. */
  private Cursor tail;

  private boolean batchHasFlushMark;

  /**
   * The change that takes the place of a lost version was durable when the version was last looked
   * for.
   */
  private boolean successorDurable;

  /** Origins that the repository's log holds beyond the head's sealed cursor. */
  private final Deque<SealedRef> ahead = new ArrayDeque<>();

  private boolean compared;
  private boolean working;
  private boolean stopped;
  private long retryAtMillis;

  /** When the repository may be asked again for chunks that were missing. */
  private long askAtMillis;

  private long retryMillis = RETRY_MILLIS;

  private record SealedRef(long sequence, Origin origin) {}

  CataloguedTree(
      Head head,
      CatalogueContext shared,
      Mailbox mailbox,
      Watermarks watermarks,
      LongSupplier clockMillis) {
    this.head = head;
    this.shared = shared;
    this.mailbox = mailbox;
    this.watermarks = watermarks;
    this.clockMillis = clockMillis;
    tail = head.sealed();
    treeLog = shared.repository().log(head.tree());
    presence = new ChunkPresence(shared.repository());
    if (!hasUnsealed()) {
      tail = head.accepted();
    }
  }

  Head head() {
    return head;
  }

  TreeName name() {
    return head.tree();
  }

  /** True once after the head has changed. */
  boolean takeChanged() {
    boolean was = changed;
    changed = false;
    return was;
  }

  /** True once after a change of the head that somebody may wait for. */
  boolean takeUrgent() {
    boolean was = urgent;
    urgent = false;
    return was;
  }

  /** Judges the next record of the tree and takes it in if it counts. */
  Verdict accept(Change change, long offset, long appendTimeMillis) {
    Cursor before = head.accepted();
    boolean complete = tail.nextOffset() == before.nextOffset();
    Verdict verdict = before.accept(change, offset, appendTimeMillis);
    switch (verdict) {
      case Verdict.Accepted(var next) -> {
        long taken = shared.trace().received(change, next, appendTimeMillis);
        enqueue(Unsealed.of(change, offset, next, taken), complete);
        boolean ofWriter = !(change.body() instanceof Change.Tag);
        setAccepted(next, ofWriter ? appendTimeMillis : head.lastHeartbeatMillis(), 0, 0, 0);
        urgent |= change.body() instanceof Change.EpochStarted;
        requestFrames(change);
      }
      case Verdict.Alive(var next) -> {
        skip(next, complete);
        setAccepted(next, appendTimeMillis, 0, 0, 0);
      }
      case Verdict.Asked(var next) -> {
        skip(next, complete);
        setAccepted(next, head.lastHeartbeatMillis(), 0, 0, 0);
        urgent = true;
      }
      case Verdict.Repeated(var next) -> {
        skip(next, complete);
        setAccepted(next, head.lastHeartbeatMillis(), 0, 1, 0);
      }
      case Verdict.Rejected(var next, var reason) -> {
        skip(next, complete);
        setAccepted(next, head.lastHeartbeatMillis(), 1, 0, 0);
        log.atInfo()
            .addKeyValue("tree", name())
            .addKeyValue("offset", offset)
            .addKeyValue("reason", reason)
            .log("change rejected");
      }
      case Verdict.Gapped(var next) -> {
        skip(next, complete);
        setAccepted(next, head.lastHeartbeatMillis(), 0, 0, 1);
        log.atWarn()
            .addKeyValue("tree", name())
            .addKeyValue("offset", offset)
            .addKeyValue("fault", next.fault().detail())
            .log("changes are missing, the tree stops until its writer begins a new epoch");
      }
    }
    urgent |= !before.fault().equals(head.accepted().fault());
    return verdict;
  }

  private void enqueue(Unsealed unsealed, boolean complete) {
    if (complete && shared.memory().tryTake(unsealed.weight())) {
      queue.add(unsealed);
      tail = unsealed.after();
    }
  }

  private void skip(Cursor next, boolean complete) {
    if (complete) {
      tail = next;
    }
  }

  private void setAccepted(
      Cursor accepted, long heartbeat, int rejected, int repeated, int gapped) {
    boolean sealedAll = !hasUnsealed() && accepted.sequence() == head.accepted().sequence();
    head =
        new Head(
            head.tree(),
            accepted,
            sealedAll ? accepted : head.sealed(),
            heartbeat,
            head.sealingFault(),
            head.rejected() + rejected,
            head.repeated() + repeated,
            head.gapped() + gapped);
    changed = true;
  }

  /**
   * Log time of the oldest change that is not sealed; empty if all are. Until that one has been
   * read again after a start it is the time of the newest.
   */
  OptionalLong unsealedSinceMillis() {
    if (!hasUnsealed()) {
      return OptionalLong.empty();
    }
    Unsealed oldest = batch.isEmpty() ? queue.peekFirst() : batch.getFirst();
    return OptionalLong.of((oldest == null ? head.accepted() : oldest.after()).logTimeMillis());
  }

  private boolean hasUnsealed() {
    return head.accepted().sequence() != head.sealed().sequence();
  }

  private void requestFrames(Change change) {
    if (change.frames().chunksTopic().equals(shared.chunksTopic())) {
      for (FramePosition need : change.frames().needs()) {
        shared.flushes().needs(need.partition(), need.offset());
      }
    }
    if (change.body() instanceof Change.ScanCompleted || change.body() instanceof Change.Tag) {
      shared.flushes().request();
    }
  }

  /** Goes on as far as is possible now; called after every letter, watermark and tick. */
  void advance() {
    if (working || stopped || !hasUnsealed() || clockMillis.getAsLong() < retryAtMillis) {
      return;
    }
    if (!compared) {
      compare();
      return;
    }
    if (!ahead.isEmpty() && !takeSealedAhead()) {
      return;
    }
    if (head.sealingFault().kind() == Fault.Kind.DISAGREEMENT) {
      setFault(Fault.NONE);
    }
    fillBatch();
    if (!working && segmentIsDue()) {
      append();
    }
    if (!working && mayReload()) {
      reload();
    }
  }

  /**
   * What does a crash between a segment and the commit, or another owner, have left beyond our
   * head?
   */
  private void compare() {
    long sealed = head.sealed().sequence();
    work(
        () -> {
          List<SealedRef> found = new ArrayList<>();
          try (SealedChangeStream stream = treeLog.read(sealed, Long.MAX_VALUE)) {
            for (var next = stream.next(); next.isPresent(); next = stream.next()) {
              SealedChange there = next.get();
              found.add(new SealedRef(there.sequence(), there.origin()));
            }
          }
          return () -> {
            ahead.addAll(found);
            compared = true;
          };
        });
  }

  /** True if nothing of the repository's log is left beyond us. */
  private boolean takeSealedAhead() {
    Optional<Cursor> sealed = Optional.empty();
    long taken = 0;
    while (!ahead.isEmpty() && !queue.isEmpty()) {
      SealedRef there = ahead.getFirst();
      Unsealed here = queue.getFirst();
      if (there.sequence() != here.sequence() || !there.origin().equals(here.origin())) {
        disagree(
            here,
            "the repository's log holds %s as sequence %d, the changes topic %s as sequence %d"
                .formatted(there.origin(), there.sequence(), here.origin(), here.sequence()));
        break;
      }
      ahead.removeFirst();
      queue.removeFirst();
      shared.memory().release(here.weight());
      sealed = Optional.of(here.after());
      taken++;
    }
    sealed.ifPresent(this::setSealed);
    if (taken > 0) {
      log.atInfo()
          .addKeyValue("tree", name())
          .addKeyValue("changes", taken)
          .log("changes found sealed in the repository");
    }
    if (stopped || ahead.isEmpty()) {
      return !stopped;
    }
    if (mayReload()) {
      reload();
    }
    return false;
  }

  private void disagree(Unsealed here, String detail) {
    stopped = true;
    release();
    tail = head.sealed();
    setFault(
        new Fault(
            Fault.Kind.DISAGREEMENT,
            here.sequence(),
            here.offset(),
            detail
                + ". Nothing more of this tree is sealed: `tidemark verify` lists what the"
                + " repository holds."));
    log.atError()
        .addKeyValue("tree", name())
        .addKeyValue("sequence", here.sequence())
        .addKeyValue("detail", detail)
        .log("repository and log disagree, sealing of the tree stops");
  }

  private void fillBatch() {
    while (!working && !queue.isEmpty() && !batchIsFull()) {
      Unsealed next = queue.getFirst();
      switch (judge(next)) {
        case DURABLE -> {
          queue.removeFirst();
          toBatch(next);
        }
        case WAIT -> {
          return;
        }
        case ASK_BY_ID -> {
          if (clockMillis.getAsLong() < askAtMillis) {
            return;
          }
          askById(next);
        }
      }
    }
  }

  private Watermarks.Answer judge(Unsealed next) {
    if (next.checked()) {
      return Watermarks.Answer.DURABLE;
    }
    Watermarks.Answer answer = watermarks.judge(next.change().frames(), next.content());
    return answer == Watermarks.Answer.DURABLE && next.isLate()
        ? Watermarks.Answer.ASK_BY_ID
        : answer;
  }

  private void toBatch(Unsealed next) {
    if (batch.isEmpty()) {
      batchSinceMillis = clockMillis.getAsLong();
    }
    batch.add(next);
    batchBytes += next.weight();
    batchHasFlushMark |= next.isFlushMark();
    if (head.sealingFault().kind() == Fault.Kind.MISSING_CHUNK) {
      setFault(Fault.NONE);
    }
  }

  private boolean batchIsFull() {
    return batchBytes >= shared.limits().segmentBytes()
        || batch.size() >= shared.limits().segmentChanges();
  }

  private void askById(Unsealed next) {
    if (next.content().isEmpty()) {
      replaceFirst(next.found()); // A change without content names no chunk.
      return;
    }
    Content content = next.content().get();
    Cursor accepted = head.accepted();
    work(
        () -> {
          List<ChunkId> missing = presence.findMissing(content);
          if (missing.isEmpty()) {
            return () -> replaceFirst(next.found());
          }
          Optional<Supersession> superseded = findSuccessor(next, accepted);
          return () -> missing(next, missing, superseded);
        });
  }

  private void replaceFirst(Unsealed with) {
    queue.removeFirst();
    queue.addFirst(with);
    retryMillis = RETRY_MILLIS;
  }

  private Optional<Supersession> findSuccessor(Unsealed lost, Cursor accepted) throws IOException {
    if (!(lost.change().body() instanceof Change.Put(var path, var node))) {
      return Optional.empty();
    }
    Supersession supersession = new Supersession(path, node);
    Cursor[] at = {lost.after()};
    shared
        .changes()
        .read(
            accepted.partition(),
            name(),
            lost.after().nextOffset(),
            accepted.nextOffset(),
            (offset, appendTime, change) -> {
              Verdict verdict = at[0].accept(change, offset, appendTime);
              at[0] = verdict.next();
              return !(verdict instanceof Verdict.Accepted && supersession.follow(change));
            });
    return supersession.successor().isEmpty() ? Optional.empty() : Optional.of(supersession);
  }

  private void missing(Unsealed lost, List<ChunkId> chunks, Optional<Supersession> superseded) {
    if (successorDurable && superseded.isPresent()) {
      // The body sent again would have come before the successor's frames: it is not to come any
      // more.
      successorDurable = false;
      replaceFirst(lost.withBody(superseded.get().substitute()));
      shared.counters().abandonedVersions.increment();
      log.atWarn()
          .addKeyValue("tree", name())
          .addKeyValue("sequence", lost.sequence())
          .addKeyValue("chunks", chunks.size())
          .log("a version whose bytes are lost is left out of the history, a later one stands");
      return;
    }
    successorDurable =
        superseded.flatMap(Supersession::successor).filter(this::isDurable).isPresent();
    forgetAllBut(lost);
    showMissing(lost, chunks);
    askAtMillis = clockMillis.getAsLong() + RETRY_MILLIS;
  }

  /** A tree that stands still keeps nothing of the memory that the others need. */
  private void forgetAllBut(Unsealed first) {
    while (queue.size() > 1) {
      shared.memory().release(queue.removeLast().weight());
    }
    tail = first.sequence() == head.accepted().sequence() ? head.accepted() : first.after();
  }

  private void showMissing(Unsealed lost, List<ChunkId> chunks) {
    NodePath path = lost.change().body() instanceof Change.Put(var at, _) ? at : NodePath.ROOT;
    Fault fault =
        new Fault(
            Fault.Kind.MISSING_CHUNK,
            lost.sequence(),
            lost.offset(),
            "%d chunks of this version are neither in the repository nor in the log: its writer must send them again"
                .formatted(chunks.size()),
            path,
            chunks.subList(0, Math.min(chunks.size(), MAX_SHOWN)));
    if (!fault.equals(head.sealingFault())) {
      setFault(fault);
      log.atWarn()
          .addKeyValue("tree", name())
          .addKeyValue("path", path)
          .addKeyValue("sequence", lost.sequence())
          .addKeyValue("chunks", chunks.size())
          .log("chunks are missing, sealing of the tree waits for them");
    }
  }

  private boolean isDurable(Change successor) {
    return watermarks.judge(successor.frames(), Unsealed.contentOf(successor))
        == Watermarks.Answer.DURABLE;
  }

  private boolean segmentIsDue() {
    if (batch.isEmpty()) {
      return false;
    }
    long age = clockMillis.getAsLong() - batchSinceMillis;
    return batchHasFlushMark || batchIsFull() || age >= shared.limits().flushInterval().toMillis();
  }

  private void append() {
    List<SealedChange> changes = batch.stream().map(Unsealed::sealed).toList();
    Unsealed last = batch.getLast();
    Unsealed first = batch.getFirst();
    work(
        () -> {
          LogSegment segment;
          try {
            segment = treeLog.append(changes, last.after());
          } catch (LogDisagreementException | LogHoleException e) {
            return () -> disagree(first, e.toString());
          }
          return () -> appended(changes.size(), segment.bytes(), last);
        });
  }

  private void appended(int count, long bytes, Unsealed last) {
    shared.trace().sealed(batch);
    releaseBatch();
    shared.segmentWritten().written(name(), count, bytes);
    shared.counters().segments.increment();
    shared.counters().sealedChanges.add(count);
    shared.counters().repositoryReached();
    retryMillis = RETRY_MILLIS;
    setSealed(last.after());
  }

  private void setSealed(Cursor sealed) {
    boolean all = sealed.sequence() == head.accepted().sequence();
    head =
        new Head(
            head.tree(),
            head.accepted(),
            all ? head.accepted() : sealed,
            head.lastHeartbeatMillis(),
            head.sealingFault(),
            head.rejected(),
            head.repeated(),
            head.gapped());
    changed = true;
    urgent = true;
  }

  private void setFault(Fault fault) {
    head =
        new Head(
            head.tree(),
            head.accepted(),
            head.sealed(),
            head.lastHeartbeatMillis(),
            fault,
            head.rejected(),
            head.repeated(),
            head.gapped());
    changed = true;
    urgent = true;
  }

  private boolean mayReload() {
    boolean incomplete = tail.nextOffset() < head.accepted().nextOffset();
    boolean waitsForChunk = head.sealingFault().kind() == Fault.Kind.MISSING_CHUNK;
    return incomplete && (queue.isEmpty() || !waitsForChunk && shared.memory().isHalfFree());
  }

  /**
   * Takes the next unsealed changes from the log, judged again from where the queue ends: the same
   * function, the same result.
   */
  private void reload() {
    Cursor from = tail;
    Cursor target = head.accepted();
    work(
        () -> {
          List<Unsealed> read = new ArrayList<>();
          Cursor[] at = {from};
          long[] bytes = {0};
          shared
              .changes()
              .read(
                  from.partition(),
                  name(),
                  from.nextOffset(),
                  target.nextOffset(),
                  (offset, appendTime, change) -> {
                    Verdict verdict = at[0].accept(change, offset, appendTime);
                    at[0] = verdict.next();
                    if (verdict instanceof Verdict.Accepted) {
                      Unsealed unsealed = Unsealed.of(change, offset, at[0], shared.trace().now());
                      read.add(unsealed);
                      bytes[0] += unsealed.weight();
                    }
                    return bytes[0] < shared.limits().reloadBytes();
                  });
          boolean stopped = bytes[0] >= shared.limits().reloadBytes();
          if (!stopped && at[0].sequence() != target.sequence()) {
            throw new ChangesLostException(
                "tree %s: unsealed changes up to sequence %d were read again only to %d"
                    .formatted(name(), target.sequence(), at[0].sequence()),
                new IOException("the log has changed"));
          }
          return () -> reloaded(read, at[0], stopped);
        });
  }

  private void reloaded(List<Unsealed> read, Cursor end, boolean more) {
    for (Unsealed unsealed : read) {
      shared.memory().takeAnyway(unsealed.weight());
      queue.add(unsealed);
      requestFrames(unsealed.change());
    }
    // Read to its end, the range holds nothing more, though the head may have moved on meanwhile.
    tail = more ? end : atLeast(end);
  }

  /** The last records of the range may be unreadable ones, which move no cursor. */
  private Cursor atLeast(Cursor end) {
    return end.sequence() == head.accepted().sequence() ? head.accepted() : end;
  }

  private void work(Mailbox.Work work) {
    working = true;
    mailbox.submit(
        () -> {
          Runnable letter = work.run();
          return () -> {
            working = false;
            if (!stopped) {
              letter.run();
            }
          };
        },
        this::failed);
  }

  private void failed(Exception e) {
    working = false;
    if (stopped) {
      return;
    }
    if (e instanceof ChangesLostException || !(e instanceof IOException)) {
      throw new CatalogueException(
          "tree %s cannot go on with what it holds and starts over".formatted(name()), e);
    }
    shared.counters().repositoryFailed(e);
    log.atWarn()
        .addKeyValue("tree", name())
        .addKeyValue("retryMillis", retryMillis)
        .setCause(e)
        .log("repository or log not reached, trying again");
    backOff();
  }

  private void backOff() {
    retryAtMillis = clockMillis.getAsLong() + retryMillis;
    retryMillis = Math.min(2 * retryMillis, LAST_RETRY_MILLIS);
  }

  /** Nothing more happens to the tree; what is under way is dropped. */
  void close() {
    stopped = true;
    release();
  }

  private void release() {
    releaseBatch();
    queue.forEach(unsealed -> shared.memory().release(unsealed.weight()));
    queue.clear();
  }

  private void releaseBatch() {
    shared.memory().release(batchBytes);
    batch.clear();
    batchBytes = 0;
    batchHasFlushMark = false;
  }
}
