package dev.tidemark.cli.member;

import dev.tidemark.cli.process.Amounts;
import dev.tidemark.cli.process.FileFailures;
import dev.tidemark.cli.process.WatcherTrouble;
import dev.tidemark.watcher.OtherWriterException;
import dev.tidemark.watcher.PublishedTag;
import dev.tidemark.watcher.Watcher;
import dev.tidemark.watcher.WatcherRefusedException;
import dev.tidemark.watcher.WatcherStatus;
import dev.tidemark.watcher.WriterTerm;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A member as the writer: until it is asked to stand by, or another one writes. */
final class Writing {
  private static final Logger log = LoggerFactory.getLogger(Writing.class);
  private static final String ANOTHER_WRITES =
      "tree %s: another host has become the writer; this one stands by from now on, and `tidemark"
          + " promote %s` here makes it the writer again";

  private static final Duration TRY_AGAIN = Duration.ofSeconds(1);

  private final MemberConfig config;
  private final MemberState state;

  Writing(MemberConfig config, MemberState state) {
    this.config = config;
    this.state = state;
  }

  /**
   * How the writing came to its end.
   *
   * @param handedOver offset of the last record, if it was ended in order
   */
  private record Ending(OptionalLong handedOver) {}

  void run() throws IOException, InterruptedException {
    Optional<Watcher> started = start();
    if (started.isEmpty()) {
      return;
    }
    Optional<Ending> ending;
    try (Watcher watcher = started.get()) {
      state.watching(watcher);
      ending = write(watcher);
    } finally {
      state.watching(null);
    }
    if (ending.isPresent()) {
      // The watcher has let go of its state, which tells what its last term was.
      StandDown down = new StandDown(config, state);
      OptionalLong handedOver = ending.get().handedOver();
      if (handedOver.isPresent()) {
        down.handedOver(handedOver.getAsLong());
      } else {
        down.becauseAnotherWrites();
      }
    }
  }

  /** Empty if the member is to close, or stands by from now on. */
  private Optional<Watcher> start() throws IOException, InterruptedException {
    String said = "";
    while (!state.isClosing()) {
      try {
        return Optional.of(Watcher.start(config.watcher(), config.trace()));
      } catch (OtherWriterException e) {
        if (WriterTerm.find(config.watcher().stateFolder()).isEmpty()) {
          // It never wrote: what is in its directory was not meant to give way.
          throw e;
        }
        log.atInfo().setCause(e).addKeyValue("tree", config.tree()).log("another host writes");
        state.tell(ANOTHER_WRITES.formatted(config.tree(), config.tree()));
        new StandDown(config, state).becauseAnotherWrites();
        return Optional.empty();
      } catch (WatcherRefusedException e) {
        throw e;
      } catch (IOException e) {
        String reason = FileFailures.describe(e);
        state.describe("not writing yet: " + reason);
        if (!reason.equals(said)) {
          said = reason;
          log.atWarn().setCause(e).addKeyValue("tree", config.tree()).log("no term can be begun");
        }
        state.pause(TRY_AGAIN);
      }
    }
    return Optional.empty();
  }

  private Optional<Ending> write(Watcher watcher) throws IOException, InterruptedException {
    state.tell(
        "writing: %s is tree %s, watched by %s"
            .formatted(
                config.watcher().root(), config.tree(), watcher.status().capture().describe()));
    List<Order> before = state.takePassedOn();
    CompletableFuture<Void> failure = watcher.failure();
    boolean ready = false;
    while (!state.isClosing()) {
      if (failure.isDone()) {
        return fenced(failure);
      }
      WatcherStatus status = watcher.status();
      state.describe(describe(status));
      if (!ready && status.scanCompleted()) {
        ready = true;
        state.tell("ready: tree %s, first scan complete".formatted(config.tree()));
      }
      before.forEach(order -> answer(order, status));
      before = List.of();
      Optional<Order> order = state.next();
      if (order.isPresent()) {
        OptionalLong handedOver = carryOut(order.get(), watcher);
        if (handedOver.isPresent()) {
          return Optional.of(new Ending(handedOver));
        }
      }
    }
    return Optional.empty();
  }

  private static String describe(WatcherStatus status) {
    String trouble = WatcherTrouble.describe(status);
    return "writing%s, %s changes, %s sent, %s to look at%s%s"
        .formatted(
            status.scanning() ? ", scanning" : "",
            Amounts.count(status.publishedChanges()),
            Amounts.bytes(status.bytesSent()),
            Amounts.count(status.dirtyEntries()),
            trouble.isEmpty() ? "" : " | " + trouble,
            status.lastError().isEmpty() ? "" : " | " + status.lastError());
  }

  private Optional<Ending> fenced(CompletableFuture<Void> failure)
      throws IOException, InterruptedException {
    try {
      failure.get();
      return Optional.empty();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof OtherWriterException other) {
        log.atInfo().setCause(other).addKeyValue("tree", config.tree()).log("another host writes");
        state.tell(ANOTHER_WRITES.formatted(config.tree(), config.tree()));
        return Optional.of(new Ending(OptionalLong.empty()));
      }
      throw e.getCause() instanceof IOException io
          ? io
          : new IOException("the watcher failed: " + e.getCause(), e.getCause());
    }
  }

  /** Where the term ends, if the order ends it. */
  private OptionalLong carryOut(Order order, Watcher watcher)
      throws IOException, InterruptedException {
    return switch (order) {
      case Order.Promote _ -> {
        answer(order, watcher.status());
        yield OptionalLong.empty();
      }
      case Order.Rejoin rejoin -> handOver(rejoin, watcher);
    };
  }

  private static void answer(Order order, WatcherStatus status) {
    switch (order) {
      case Order.Promote promote -> promote.done(promote.told().with(status.epoch()));
      case Order.Rejoin rejoin -> rejoin.failed("this host has become the writer meanwhile");
    }
  }

  /** Everything written up to now is acknowledged before the term ends. */
  private OptionalLong handOver(Order.Rejoin order, Watcher watcher)
      throws IOException, InterruptedException {
    state.describe("handing over: publishing what was written up to now");
    CompletableFuture<PublishedTag> tag =
        watcher.publishSettledTag("handed over by " + config.watcher().host());
    while (!tag.isDone()) {
      if (state.isClosing() || order.answer().isDone()) {
        tag.completeExceptionally(new IOException("taken back"));
        return OptionalLong.empty();
      }
      state.idle();
    }
    try {
      long offset = tag.get().offset();
      state.passOn(order);
      return OptionalLong.of(offset);
    } catch (ExecutionException e) {
      order.failed(
          "what was written up to now could not be published: %s. This host is still the writer."
              .formatted(e.getCause() == null ? e.getMessage() : e.getCause().getMessage()));
      return OptionalLong.empty();
    }
  }
}
