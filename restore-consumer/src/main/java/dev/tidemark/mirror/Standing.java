package dev.tidemark.mirror;

import dev.tidemark.apply.FrameSource;
import dev.tidemark.mirror.Hold.Stage;
import dev.tidemark.mirror.MirrorStatus.Phase;
import dev.tidemark.mirror.Synchroniser.Known;
import dev.tidemark.repository.history.NoSuchInstantException;
import dev.tidemark.repository.history.TreeAt;
import dev.tidemark.schemas.cursor.Cursor;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Puts a standby where it is told to stand, and keeps it there. A place that is still to come is
 * reached by following the log; one of before by making the target equal to the tree as it was,
 * after which nothing counts as applied until the standby is released. Every stage is in the state
 * before it begins, so that a process that is killed goes on with it.
 */
final class Standing {
  private static final Duration LOOK = Duration.ofMillis(500);

  private final MirrorConfig config;
  private final MirrorState state;
  private final Applier applier;
  private final Synchroniser synchroniser;
  private final Origin origin;
  private final StatusBoard board;
  private final Steering steering;
  private final BlockedRetry blocked;

  Standing(
      MirrorConfig config,
      MirrorState state,
      Applier applier,
      Synchroniser synchroniser,
      Origin origin,
      StatusBoard board,
      Steering steering,
      BlockedRetry blocked) {
    this.config = config;
    this.state = state;
    this.applier = applier;
    this.synchroniser = synchroniser;
    this.origin = origin;
    this.board = board;
    this.steering = steering;
    this.blocked = blocked;
  }

  /**
   * Stands where it is told to, for as long as it is.
   *
   * @param isOver whether the session is
   * @return whether the log is to be followed now; else the session is over
   */
  boolean until(FrameSource frames, BooleanSupplier isOver)
      throws IOException, InterruptedException {
    while (!isOver.getAsBoolean()) {
      steering.take();
      Optional<Hold> hold = state.notes().hold();
      if (hold.isEmpty()) {
        return true;
      }
      boolean follows =
          switch (hold.get().stage()) {
            case AHEAD, ELSEWHERE -> !isPassed(hold.get()) || !goBack(hold.get(), frames);
            case BACK -> !goBack(hold.get(), frames);
            case STANDING -> {
              blocked.retry(frames);
              board.held(
                  hold.get().sequence(),
                  hold.get().logTimeMillis(),
                  Math.min(hold.get().sequence(), state.notes().durableSequence()),
                  state.digest());
              board.pause(LOOK);
              yield false;
            }
            case RELEASED -> {
              board.phase(Phase.SYNCING);
              synchroniser.repair(Long.MAX_VALUE, frames);
              yield true;
            }
            case COMPARED -> true;
          };
      if (follows) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether the log cannot be followed to where it shall stand, since more is applied, or sealed.
   */
  private boolean isPassed(Hold hold) throws IOException {
    Optional<Cursor> applied = state.cursor();
    long reached =
        applied.isPresent()
            ? applied.get().sequence()
            : origin.newest().map(point -> point.cursor().sequence()).orElse(0L);
    if (applied.isPresent() && reached == hold.sequence()) {
      steering.reached(reached, applied.get().logTimeMillis());
    }
    return reached >= hold.sequence();
  }

  /** Whether it stands now where it was told to, or has to look again; else it cannot. */
  private boolean goBack(Hold hold, FrameSource frames) throws IOException {
    if (state.notes().hold().filter(now -> now.stage() == Stage.STANDING).isPresent()) {
      return true;
    }
    TreeAt before;
    try {
      before = origin.at(hold.sequence());
    } catch (NoRepositoryException e) {
      if (hold.stage() == Stage.BACK) {
        // Begun while there was one: neither there nor here is what the state tells.
        throw e;
      }
      steering.failed(hold, e);
      return true;
    } catch (NoSuchInstantException e) {
      if (origin.newest().filter(p -> p.cursor().sequence() >= hold.sequence()).isEmpty()) {
        throw new IOException(
            "Change %d of tree %s is not sealed yet.".formatted(hold.sequence(), config.tree()), e);
      }
      steering.failed(hold, e);
      return true;
    }
    board.phase(Phase.SYNCING);
    applier.reset();
    Known has = hold.ours() ? Known.OURS : Known.NOTHING;
    if (hold.stage() == Stage.ELSEWHERE
        || hold.stage() == Stage.AHEAD && state.cursor().isPresent()) {
      // What others have changed here is kept aside; what is in history need not be.
      synchroniser.repair(Long.MAX_VALUE, frames);
      has = Known.STATE;
    }
    state.notes().putHold(hold.in(Stage.BACK), state.notes().heldBound());
    synchroniser.goBack(before.tree(), hold.sequence(), has, board::passedEntry, frames);
    steering.reached(hold.sequence(), before.logTimeMillis());
    return true;
  }
}
