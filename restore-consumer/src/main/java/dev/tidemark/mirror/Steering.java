package dev.tidemark.mirror;

import dev.tidemark.log.CompactedTopic;
import dev.tidemark.log.Follower;
import dev.tidemark.log.LogTopics;
import dev.tidemark.mirror.Hold.Stage;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.cursor.CommandReport;
import dev.tidemark.schemas.cursor.CommandReport.State;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.StandbyCommand;
import dev.tidemark.schemas.cursor.StandbyStatus;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a mirror is told to stand: by commands in the log, of which the newest counts, and by its
 * configuration. What is decided is in the state before anything is done. Owned by the mirror's
 * thread, but for what the follower calls.
 */
final class Steering {
  private static final Logger log = LoggerFactory.getLogger(Steering.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final MirrorConfig config;
  private final MirrorState state;
  private final StatusBoard board;
  private final InstantSource clock;
  private final Runnable wakeUp;
  private final String key;

  /** Commands heard so far: after a fault of the log all of them are heard again. */
  private final Set<UUID> heard = new HashSet<>();

  private volatile @Nullable StandbyCommand newest;

  Steering(
      MirrorConfig config,
      MirrorState state,
      StatusBoard board,
      InstantSource clock,
      Runnable wakeUp) {
    this.config = config;
    this.state = state;
    this.board = board;
    this.clock = clock;
    this.wakeUp = wakeUp;
    this.key = StandbyStatus.key(config.tree(), config.standbyName());
  }

  /**
   * Begins to hear commands. One whose state was lost is again where its name was told to stand.
   */
  Follower follow(LogTopics topics) throws IOException, InterruptedException {
    Optional<CommandReport> last = state.notes().command();
    if (last.isEmpty()) {
      state.notes().putCommand(CommandReport.NONE);
    }
    board.command(last.orElse(CommandReport.NONE));
    Follower follower = CompactedTopic.follow(config.log(), topics.commands(), this::hear);
    try {
      // Of what was there before the newest alone counts.
      if (!follower.awaitCaughtUp(PATIENCE)) {
        throw new IOException(
            "Topic %s could not be read to its end within %s."
                .formatted(topics.commands().name(), PATIENCE));
      }
      return follower;
    } catch (IOException | InterruptedException | RuntimeException e) {
      follower.close();
      throw e;
    }
  }

  void hear(String heardKey, byte @Nullable [] value) {
    if (value != null && heardKey.equals(key)) {
      decode(value)
          .ifPresent(
              command -> {
                if (heard.add(command.id())) {
                  newest = command;
                  wakeUp.run();
                }
              });
    }
  }

  private Optional<StandbyCommand> decode(byte[] value) {
    try {
      return Optional.of(Records.decodeCommand(value));
    } catch (IOException e) {
      log.atWarn().setCause(e).addKeyValue("standby", key).log("command that cannot be read");
      return Optional.empty();
    }
  }

  /** Whether a command waits to be taken. */
  boolean hasCommand() throws IOException {
    StandbyCommand command = newest;
    return command != null
        && state.notes().command().filter(last -> last.id().equals(command.id())).isEmpty();
  }

  /** Takes the newest command, if there is one, and what the configuration says. */
  void take() throws IOException {
    StandbyCommand command = newest;
    if (command != null && hasCommand()) {
      take(command);
    }
    Bound bound = config.following().bound();
    String wanted = bound.toString();
    boolean passed = !wanted.isEmpty() && wanted.equals(state.notes().passedBound());
    Optional<Hold> hold = state.notes().hold();
    if (hold.isPresent()
        && hold.get().isConfigured()
        && !hold.get().isReleased()
        && !wanted.equals(state.notes().heldBound())) {
      // The configuration is another one.
      release(hold.get());
    }
    if (bound.place().isPresent() && !passed && state.notes().hold().isEmpty()) {
      state.notes().putHold(Hold.at(bound.place().getAsLong(), Hold.CONFIGURED, isOurs()), wanted);
    }
  }

  /** Whether the configuration has a bound that no hold is about yet. */
  boolean hasBoundAhead() throws IOException {
    return config.following().bound().place().isPresent()
        && !config.following().bound().toString().equals(state.notes().passedBound())
        && state.notes().hold().isEmpty();
  }

  /** Whether all that stands in the target was put there by this standby. */
  private boolean isOurs() throws IOException {
    return state.cursor().isPresent() || state.notes().hold().filter(Hold::ours).isPresent();
  }

  private void take(StandbyCommand command) throws IOException {
    log.atInfo()
        .addKeyValue("standby", key)
        .addKeyValue("command", command.id())
        .addKeyValue("kind", command.kind())
        .addKeyValue("sequence", command.sequence())
        .log("command taken");
    if (command.expiresMillis() != 0 && clock.millis() > command.expiresMillis()) {
      report(
          command.id(),
          State.FAILED,
          "it had expired at " + Instant.ofEpochMilli(command.expiresMillis()));
      return;
    }
    switch (command.kind()) {
      case RESTORE -> {
        state.notes().replaceHold(hold(command));
        report(command.id(), State.WORKING, "");
      }
      case FOLLOW -> {
        Optional<Hold> hold = state.notes().hold();
        if (hold.isPresent()) {
          release(hold.get());
        }
        state.notes().putPassedBound(config.following().bound().toString());
        report(command.id(), State.WORKING, "");
      }
      case UNKNOWN ->
          report(command.id(), State.FAILED, "this version does not know that command; upgrade it");
    }
  }

  /** One that stands at what was before says so of the new place: its state is whole. */
  private Hold hold(StandbyCommand command) throws IOException {
    Hold wanted = Hold.at(command.sequence(), command.id(), isOurs());
    Optional<Hold> before = state.notes().hold();
    boolean isWhole =
        before.isPresent()
            && switch (before.get().stage()) {
              case STANDING, RELEASED, ELSEWHERE -> true;
              case AHEAD, BACK, COMPARED -> false;
            };
    return isWhole ? wanted.in(Stage.ELSEWHERE) : wanted;
  }

  private void release(Hold hold) throws IOException {
    if (hold.isReleased()) {
      return;
    }
    if (state.cursor().isPresent() || !hold.ours()) {
      // What is applied goes on from there; or nothing is, and whatever stands there is kept aside.
      state.notes().clearHold();
    } else if (hold.stage() == Stage.STANDING || hold.stage() == Stage.ELSEWHERE) {
      state.notes().putHold(hold.in(Stage.RELEASED), "");
    } else {
      // In the midst of it nothing is known of what stands there but whose it is.
      state.notes().putHold(hold.in(Stage.COMPARED), "");
    }
  }

  /** The standby follows: if it was told to, that is done. */
  void follows() throws IOException {
    Optional<CommandReport> last = state.notes().command();
    if (last.filter(report -> report.state() == State.WORKING).isPresent()
        && state.notes().hold().isEmpty()) {
      report(last.get().id(), State.DONE, "");
    }
  }

  private void report(UUID command, State now, String detail) throws IOException {
    CommandReport report = new CommandReport(command, now, 0, detail);
    state.notes().putCommand(report);
    board.command(report);
  }

  /** What is applied of a batch, and whether that is where the standby shall stand. */
  record Cut(ChangeBatch batch, boolean reached) {}

  /** Cuts a batch where the standby is to stand. */
  Cut cut(ChangeBatch batch, Cursor before) throws IOException {
    long last = state.notes().hold().map(Hold::sequence).orElse(Long.MAX_VALUE);
    List<Accepted> changes = batch.changes();
    for (int i = 0; i < changes.size(); i++) {
      if (changes.get(i).sequence() > last) {
        return new Cut(batch.first(i, before), true);
      }
      if (changes.get(i).sequence() == last || isBound(changes.get(i).change())) {
        return new Cut(batch.first(i + 1, before), true);
      }
    }
    return new Cut(batch, false);
  }

  private boolean isBound(Change change) throws IOException {
    return config.following().bound() instanceof Bound.Tag(String label, OptionalLong _)
        && change.body() instanceof Change.Tag(UUID _, String found)
        && found.equals(label)
        && state.notes().hold().isEmpty()
        && !config.following().bound().toString().equals(state.notes().passedBound());
  }

  /** The standby has come to where it shall stand. */
  void reached(long sequence, long logTimeMillis) throws IOException {
    Hold hold = state.notes().hold().orElse(Hold.at(sequence, Hold.CONFIGURED, true));
    String bound = hold.isConfigured() ? config.following().bound().toString() : "";
    state.notes().putHold(hold.standing(sequence, logTimeMillis), bound);
    if (state.notes().command().filter(last -> last.id().equals(hold.command())).isPresent()) {
      report(hold.command(), State.DONE, "");
    }
  }

  /** Where it was told to stand is not to be had: it stays where it stands, or follows. */
  void failed(Hold hold, IOException why) throws IOException {
    if (hold.isConfigured()) {
      throw why;
    }
    log.atWarn().setCause(why).addKeyValue("standby", key).log("command cannot be carried out");
    if (!hold.isUntouched() || !state.notes().restoreHold()) {
      release(hold);
    }
    report(hold.command(), State.FAILED, String.valueOf(why.getMessage()));
  }
}
