package dev.tidemark.mirror;

import dev.tidemark.mirror.MirrorStatus.Phase;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.trace.ChangeTrace;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a target directory equal to a tree, from {@link #start} to {@link #close}.
 *
 * <p>A broker or repository that is away, a frame not sealed yet, a full target: the mirror says so
 * in its status, keeps what it has, and goes on by itself. Thread-safe.
 */
public final class Mirror implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Mirror.class);
  private static final Duration STOP = Duration.ofMinutes(2);

  private final MirrorParts parts;
  private final StatusBoard board;
  private final MirrorLoop loop;
  private final Thread follower;
  private final Thread publisher;
  private final Thread durable;
  private final DurableMark mark;
  private final CompletableFuture<Void> failure = new CompletableFuture<>();

  private final AtomicBoolean closed = new AtomicBoolean();

  private Mirror(MirrorParts parts, StatusBoard board, ChangeTrace trace, InstantSource clock)
      throws IOException {
    this.parts = parts;
    this.board = board;
    MirrorConfig config = parts.config();
    this.loop =
        new MirrorLoop(
            config,
            parts.target(),
            parts.state(),
            parts.applier(),
            parts.origin(),
            board,
            new ApplyTrace(trace, config.standbyName(), clock),
            clock);
    String name = "tidemark-mirror-" + config.tree();
    this.follower = daemon(name, this::follow);
    this.publisher = daemon(name + "-status", new StatusPublisher(config, board, clock));
    this.mark = new DurableMark(parts.target(), parts.state(), board, config);
    this.durable = daemon(name + "-durable", mark);
  }

  private static Thread daemon(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Opens target and state and begins; the log is reached in the background.
   *
   * @throws MirrorRefusedException if the target holds something else than what this standby put
   *     there
   * @throws dev.tidemark.apply.TargetInUseException if another process writes to the target
   */
  public static Mirror start(MirrorConfig config) throws IOException {
    return start(config, ChangeTrace.OFF);
  }

  /** The same, and tells of the way that changes take. */
  public static Mirror start(MirrorConfig config, ChangeTrace trace) throws IOException {
    return start(config, trace, InstantSource.system(), CrashPoints.NONE);
  }

  static Mirror start(MirrorConfig config, InstantSource clock, CrashPoints crashes)
      throws IOException {
    return start(config, ChangeTrace.OFF, clock, crashes);
  }

  private static Mirror start(
      MirrorConfig config, ChangeTrace trace, InstantSource clock, CrashPoints crashes)
      throws IOException {
    MirrorParts parts = MirrorParts.open(config, crashes);
    try {
      StatusBoard board = new StatusBoard(clock);
      board.subset(parts.state().notes().subset(), parts.state().notes().isSubsetChanging());
      Mirror mirror = new Mirror(parts, board, trace, clock);
      mirror.follower.start();
      mirror.publisher.start();
      mirror.durable.start();
      return mirror;
    } catch (IOException | RuntimeException e) {
      parts.closeAfter(e);
      throw e;
    }
  }

  /** Takes a standby out of what is told of the tree's standbys; its mirror must be closed. */
  public static void withdraw(MirrorConfig config) throws IOException {
    StatusPublisher.withdraw(config);
  }

  private void follow() {
    try {
      loop.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException | Error e) {
      log.atError().setCause(e).addKeyValue("tree", parts.config().tree()).log("mirror failed");
      board.failed(e.toString());
      failure.completeExceptionally(e);
    }
  }

  public MirrorStatus status() {
    return board.status();
  }

  /** Entries that were found changed by others, and put right, since this mirror was started. */
  public long drifted() {
    return board.drifted();
  }

  /** Gaps of the log that were met since this mirror was started, also those that are healed. */
  public Gaps gaps() {
    return board.gaps();
  }

  /** Up to where in the log all is visible; empty before that is known. */
  public Optional<Cursor> cursor() {
    return board.cursor();
  }

  /**
   * Waits until a change is visible.
   *
   * @throws TimeoutException if it is not in time, or the mirror is closed meanwhile
   */
  public void awaitApplied(long sequence, Duration timeout)
      throws InterruptedException, TimeoutException {
    board.awaitApplied(sequence, timeout);
  }

  /** Completes, exceptionally, if the mirror ends by itself; with nothing when it is closed. */
  public CompletableFuture<Void> failure() {
    return failure.copy();
  }

  /** Finishes what it is applying, makes it durable, and lets go of the target. */
  @Override
  public void close() throws IOException {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    board.close();
    loop.wakeUp();
    try {
      for (Thread thread : new Thread[] {follower, publisher, durable}) {
        thread.join(STOP);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try (parts) {
      mark.advance();
    } finally {
      board.phase(Phase.CLOSED);
      failure.complete(null);
    }
  }
}
