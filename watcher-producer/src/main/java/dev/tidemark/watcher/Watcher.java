package dev.tidemark.watcher;

import dev.tidemark.filesystem.entry.EntryStoreCorruptException;
import dev.tidemark.log.BrokerUnreachableException;
import dev.tidemark.log.MissingTopicException;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.trace.ChangeTrace;
import dev.tidemark.watcher.capture.CaptureMode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches one directory and publishes it: first what differs from what was published before, then
 * every change as it happens. A change that is acknowledged is kept; a watcher that is killed at
 * any step goes on where it was.
 *
 * <p>Safe from several threads.
 */
public final class Watcher implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Watcher.class);
  private static final Duration REOPEN = Duration.ofSeconds(1);
  private static final Duration STOP = Duration.ofSeconds(30);

  private final WatcherConfig config;
  private final Environment environment;
  private final Counters counters = new Counters();
  private final CompletableFuture<Void> scanCompleted = new CompletableFuture<>();
  private final CompletableFuture<Void> failure = new CompletableFuture<>();
  private final Thread thread;
  private final Set<CompletableFuture<PublishedTag>> promises = ConcurrentHashMap.newKeySet();
  private volatile Mailbox mailbox;
  private volatile Session session;
  private volatile boolean closed;

  /** Used by the keeper's thread alone. */
  private boolean fullScanNext;

  private Watcher(WatcherConfig config, Environment environment) throws IOException {
    this.config = config;
    this.environment = environment;
    this.mailbox = new Mailbox(config.limits().queuedEvents());
    this.session = open(mailbox, false);
    this.thread =
        Thread.ofPlatform()
            .name("tidemark-" + config.tree() + "-keeper")
            .daemon()
            .unstarted(this::run);
  }

  /**
   * Begins a term and starts to watch; the scan goes on meanwhile.
   *
   * @throws WatcherRefusedException if this writer must not write, or the directory cannot be
   *     watched; names the remedy
   * @throws IOException if the broker cannot be reached, or its topics are not there
   */
  public static Watcher start(WatcherConfig config) throws IOException {
    return start(config, Environment.ofProcess());
  }

  /** The same, and tells of the way that changes take. */
  public static Watcher start(WatcherConfig config, ChangeTrace trace) throws IOException {
    return start(config, Environment.ofProcess().withTrace(trace));
  }

  static Watcher start(WatcherConfig config, Environment environment) throws IOException {
    Watcher watcher = new Watcher(config, environment);
    watcher.thread.start();
    return watcher;
  }

  private Session open(Mailbox into, boolean fullScan) throws IOException {
    try {
      return openSession(into, fullScan);
    } catch (EntryStoreCorruptException e) {
      log.atWarn()
          .addKeyValue("tree", config.tree())
          .addKeyValue("reason", e.getMessage())
          .log("the state store is damaged; beginning anew with an empty one");
      return openSession(into, true);
    }
  }

  private Session openSession(Mailbox into, boolean fullScan) throws IOException {
    return Session.open(
        config, environment, counters, into, fullScan, () -> scanCompleted.complete(null));
  }

  private void run() {
    try {
      while (runTerm()) {
        // Messages of the old term mean nothing to the new one.
        Mailbox fresh = new Mailbox(config.limits().queuedEvents());
        mailbox = fresh;
        Optional<Session> next = openAgain(fresh);
        if (next.isEmpty()) {
          break;
        }
        session = next.get();
        breakPromises("a new term was begun");
        if (closed) {
          session.close();
          break;
        }
      }
      scanCompleted.completeExceptionally(new IOException("the watcher has stopped"));
      failure.complete(null);
      breakPromises("the watcher has stopped");
    } catch (Exception | Error e) {
      scanCompleted.completeExceptionally(e);
      failure.completeExceptionally(e);
      breakPromises("the watcher has stopped: " + e.getMessage());
      if (e instanceof WatcherFencedException) {
        // What this means is for who runs the watcher to say.
        log.atInfo().addKeyValue("tree", config.tree()).log(e.getMessage());
      } else if (!closed) {
        log.atError()
            .addKeyValue("tree", config.tree())
            .setCause(e)
            .log("watcher stopped: " + e.getMessage());
      }
    }
  }

  /**
   * Unlike the first term, the next one waits for a broker that is away or is being replaced; empty
   * if the watcher is closed meanwhile.
   */
  private Optional<Session> openAgain(Mailbox into) throws IOException, InterruptedException {
    while (!closed) {
      try {
        return Optional.of(open(into, fullScanNext));
      } catch (BrokerUnreachableException | MissingTopicException e) {
        counters.lastError = String.valueOf(e.getMessage());
        log.atWarn()
            .addKeyValue("tree", config.tree())
            .addKeyValue("reason", e.getMessage())
            .log("no new term can be begun; trying again");
        Thread.sleep(REOPEN);
      }
    }
    return Optional.empty();
  }

  /** Whether another term is to follow. */
  private boolean runTerm() throws IOException, InterruptedException {
    Session term = session;
    boolean again = false;
    Throwable failed = null;
    try {
      term.run();
    } catch (RestartException e) {
      log.atWarn()
          .addKeyValue("tree", config.tree())
          .addKeyValue("reason", e.getMessage())
          .log("beginning a new term");
      fullScanNext = e.needsFullScan();
      counters.scanCompleted = false;
      again = !closed;
    } catch (IOException | InterruptedException | RuntimeException | Error e) {
      failed = e;
      throw e;
    } finally {
      counters.framesBefore.addAndGet(term.framesSent());
      counters.frameBytesBefore.addAndGet(term.frameBytesSent());
      closeAfter(term, failed);
    }
    return again;
  }

  private static void closeAfter(Session term, @Nullable Throwable failed) throws IOException {
    try {
      term.close();
    } catch (IOException e) {
      if (failed == null) {
        throw e;
      }
      failed.addSuppressed(e);
    }
  }

  /** Where the watcher stands now. */
  public WatcherStatus status() {
    Session term = session;
    boolean ended = failure.isDone();
    return new WatcherStatus(
        counters.epoch.get(),
        counters.lastNumber.get(),
        counters.published.get(),
        counters.acknowledged.get(),
        counters.moves.get(),
        counters.bytesRead.sum(),
        counters.framesBefore.get() + (ended ? 0 : term.framesSent()),
        counters.frameBytesBefore.get() + (ended ? 0 : term.frameBytesSent()),
        counters.dirty,
        counters.directories,
        counters.watched,
        counters.scanning,
        counters.scanCompleted,
        counters.overflows.get(),
        counters.rechecked.get(),
        counters.recheckedDifferences.get(),
        counters.reconciled.get(),
        counters.misses.get(),
        counters.unreadable.get(),
        counters.sockets.get(),
        counters.torn.get(),
        counters.lastError,
        captureStatus());
  }

  private CaptureStatus captureStatus() {
    CaptureMode mode = counters.captureMode;
    return new CaptureStatus(
        mode,
        counters.captureReason,
        mode == CaptureMode.SCAN ? config.capture().scanInterval() : Duration.ZERO,
        counters.intervalScans.get(),
        counters.uncovered,
        counters.mountPoints);
  }

  /**
   * Waits until the scan of the start, and all that it found, is acknowledged.
   *
   * @throws IOException if it takes longer, or the watcher fails meanwhile
   */
  public void awaitScanCompleted(Duration timeout) throws IOException, InterruptedException {
    try {
      scanCompleted.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IOException(
          "tree %s: the scan was not completed within %s; status %s"
              .formatted(config.tree(), timeout, status()),
          e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw cause instanceof IOException io
          ? io
          : new IOException("tree %s: %s".formatted(config.tree(), cause), cause);
    }
  }

  /**
   * Names the tree's state of now: of what has been published so far.
   *
   * @return completes when the tag is acknowledged
   */
  public CompletableFuture<PublishedTag> publishTag(String label) {
    CompletableFuture<PublishedTag> done = promise();
    mailbox.put(new Message.TagWanted(new Change.Tag(environment.ids().get(), label), done));
    return done;
  }

  /**
   * Names a state in which everything is contained that was done to the tree before this call, also
   * what the kernel has not told yet. What is done meanwhile may be contained or not. Waits for a
   * comparison of the tree that is under way.
   *
   * @return completes when all that, and the tag behind it, are acknowledged; exceptionally if the
   *     watcher stops or begins a new term before
   */
  public CompletableFuture<PublishedTag> publishSettledTag(String label) {
    CompletableFuture<PublishedTag> done = promise();
    try {
      session.afterEvents(
          new Message.SettledTagWanted(new Change.Tag(environment.ids().get(), label), done));
    } catch (IOException e) {
      done.completeExceptionally(e);
    }
    return done;
  }

  private CompletableFuture<PublishedTag> promise() {
    CompletableFuture<PublishedTag> promise = new CompletableFuture<>();
    promises.add(promise);
    promise.whenComplete((_, _) -> promises.remove(promise));
    if (failure.isDone()) {
      promise.completeExceptionally(new IOException("the watcher has stopped"));
    }
    return promise;
  }

  /** Nobody will tell any more what has become of these. */
  private void breakPromises(String why) {
    for (CompletableFuture<PublishedTag> promise : List.copyOf(promises)) {
      promise.completeExceptionally(new IOException(why));
    }
  }

  /**
   * Completes when the watcher has stopped: normally after {@link #close}, else with the reason.
   */
  public CompletableFuture<Void> failure() {
    return failure.copy();
  }

  /**
   * Stops; waits a little for what is on its way to be acknowledged. What is not will be looked at
   * again next time.
   */
  @Override
  public void close() throws IOException {
    closed = true;
    mailbox.put(new Message.Stop());
    try {
      if (!thread.join(STOP)) {
        throw new IOException("the watcher of tree %s did not stop".formatted(config.tree()));
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends as after a kill: nothing more is written, neither here nor there. */
  void kill() throws InterruptedException {
    closed = true;
    mailbox.put(new Message.Broken(new IOException("killed")));
    thread.join();
  }
}
