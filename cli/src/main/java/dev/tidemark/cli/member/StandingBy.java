package dev.tidemark.cli.member;

import dev.tidemark.apply.TargetInUseException;
import dev.tidemark.cli.member.RoleFile.Memory;
import dev.tidemark.cli.process.Amounts;
import dev.tidemark.cli.process.FileFailures;
import dev.tidemark.filesystem.entry.EntryStoreLockedException;
import dev.tidemark.mirror.Mirror;
import dev.tidemark.mirror.MirrorConfig;
import dev.tidemark.mirror.MirrorConfig.TargetTakeOver;
import dev.tidemark.mirror.MirrorRefusedException;
import dev.tidemark.mirror.MirrorStatus;
import dev.tidemark.mirror.MirrorStatus.Phase;
import dev.tidemark.mirror.Rejoin;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A member as a standby: until it is asked to become the writer. */
final class StandingBy {
  private static final Logger log = LoggerFactory.getLogger(StandingBy.class);
  private static final Duration TRY_AGAIN = Duration.ofSeconds(1);
  private static final int MOST_LISTED = 100;

  private final MemberConfig config;
  private final MemberState state;
  private final InstantSource clock;
  private final List<Order> waiting = new ArrayList<>();
  private String said = "";
  private String rejoined = "0 0 -";

  StandingBy(MemberConfig config, MemberState state, InstantSource clock) {
    this.config = config;
    this.state = state;
    this.clock = clock;
  }

  void run() throws IOException, InterruptedException {
    waiting.addAll(state.takePassedOn());
    MirrorConfig follow = config.mirror();
    Optional<Rejoin.Term> ended = state.memory().ended();
    if (ended.isPresent()) {
      if (!keepDifferences(ended.get())) {
        return;
      }
      follow = follow.withTakeOver(TargetTakeOver.OVERWRITE);
    }
    Optional<Mirror> started = start(follow);
    if (started.isPresent()) {
      try (Mirror mirror = started.get()) {
        state.standingBy(mirror);
        follow(mirror);
      } finally {
        state.standingBy(null);
      }
    }
    waiting.stream().filter(order -> !order.answer().isDone()).forEach(state::passOn);
  }

  /** Whether it is done; else the member is to close. */
  private boolean keepDifferences(Rejoin.Term ended) throws IOException, InterruptedException {
    while (!state.isClosing()) {
      try {
        Optional<Rejoin.Report> report = Rejoin.run(config.mirror(), ended, clock);
        if (report.isPresent()) {
          tell(report.get());
          return true;
        }
        state.describe("waiting until the end of this host's last term is sealed");
      } catch (TargetInUseException | MirrorRefusedException e) {
        throw e;
      } catch (IOException e) {
        trouble(e);
      }
      state.pause(TRY_AGAIN);
    }
    return false;
  }

  private void tell(Rejoin.Report report) {
    List<NodePath> kept = report.kept();
    rejoined =
        "%d %d %s"
            .formatted(report.sequence(), kept.size(), kept.isEmpty() ? "-" : report.folder());
    if (!kept.isEmpty()) {
      state.tell(
          "kept aside: %d entries that were not accepted before this host's term ended, in %s"
              .formatted(kept.size(), report.folder()));
      kept.stream().sorted().limit(MOST_LISTED).forEach(path -> state.tell("  " + path));
      if (kept.size() > MOST_LISTED) {
        state.tell("  and more; all are listed in %s.list".formatted(report.folder()));
      }
    }
    if (report.restored() + report.adjusted() > 0) {
      state.tell(
          "made equal to change %d, the last accepted of the term: %d entries, and the metadata of %d"
              .formatted(report.sequence(), report.restored(), report.adjusted()));
    }
  }

  private Optional<Mirror> start(MirrorConfig follow) throws IOException, InterruptedException {
    while (!state.isClosing()) {
      try {
        return Optional.of(Mirror.start(follow, config.trace()));
      } catch (MirrorRefusedException | TargetInUseException | EntryStoreLockedException e) {
        throw e;
      } catch (IOException e) {
        trouble(e);
        state.pause(TRY_AGAIN);
      }
    }
    return Optional.empty();
  }

  private void trouble(IOException e) {
    String reason = FileFailures.describe(e);
    state.describe("not standing by yet: " + reason);
    if (!reason.equals(said)) {
      said = reason;
      log.atWarn().setCause(e).addKeyValue("tree", config.tree()).log("standing by is put off");
    }
  }

  private void follow(Mirror mirror) throws IOException, InterruptedException {
    boolean follows = false;
    while (!state.isClosing() && mirror.status().phase() != Phase.CLOSED) {
      requireRunning(mirror);
      MirrorStatus status = mirror.status();
      state.describe(describe(status));
      boolean whole = status.phase() == Phase.FOLLOWING || status.phase() == Phase.HELD;
      if (!follows && whole) {
        follows = true;
        begun();
      }
      state.next().ifPresent(waiting::add);
      if (follows) {
        carryOut(mirror);
      }
    }
  }

  private static void requireRunning(Mirror mirror) throws IOException, InterruptedException {
    if (mirror.failure().isDone()) {
      try {
        mirror.failure().get();
      } catch (ExecutionException e) {
        throw e.getCause() instanceof IOException io
            ? io
            : new IOException("the mirror failed: " + e.getCause(), e.getCause());
      }
    }
  }

  private void begun() throws IOException {
    if (state.memory().ended().isPresent()) {
      state.save(Memory.of(state.role()));
    }
    state.tell(
        "standing by: %s follows tree %s as %s"
            .formatted(config.mirror().target(), config.tree(), config.mirror().standbyName()));
  }

  private void carryOut(Mirror mirror) throws IOException, InterruptedException {
    if (state.role() == MemberRole.PROMOTING && waiting.isEmpty()) {
      // Begun by a process that did not come to the end of it.
      new Promoting(config, state, clock).run(mirror, Optional.empty());
      return;
    }
    while (!waiting.isEmpty() && mirror.status().phase() != Phase.CLOSED) {
      Order order = waiting.removeFirst();
      if (order.answer().isDone()) {
        // Taken back while it waited: the address may have gone elsewhere.
        continue;
      }
      switch (order) {
        case Order.Rejoin rejoin when state.role() == MemberRole.PROMOTING ->
            rejoin.failed("this host is becoming the writer; ask again when it is");
        case Order.Rejoin rejoin -> rejoin.done(rejoined);
        case Order.Promote promote ->
            new Promoting(config, state, clock).run(mirror, Optional.of(promote));
      }
    }
  }

  private static String describe(MirrorStatus status) {
    return "%s at sequence %d, lag %s%s"
        .formatted(
            switch (status.phase()) {
              case FOLLOWING -> "standing by";
              case HELD -> "held";
              case STARTING, SYNCING, CLOSED -> "catching up";
            },
            status.appliedSequence(),
            Amounts.millis(status.lagMillis()),
            status.error().isEmpty() ? "" : " | " + status.error());
  }
}
