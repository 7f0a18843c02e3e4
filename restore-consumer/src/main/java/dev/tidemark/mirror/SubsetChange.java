package dev.tidemark.mirror;

import dev.tidemark.apply.FrameSource;
import dev.tidemark.mirror.MirrorStatus.Phase;
import java.io.IOException;
import java.util.Optional;

/**
 * Makes a target hold another part of its tree than before, where a standby is started so. The
 * state has all of the tree: only what is new in the target is fetched, and what left it is
 * removed, for it is in history. Killed at any step it goes on at the next start.
 */
final class SubsetChange {
  private final Subset wanted;
  private final MirrorState state;
  private final Applier applier;
  private final Synchroniser synchroniser;
  private final StatusBoard board;

  SubsetChange(
      Subset wanted,
      MirrorState state,
      Applier applier,
      Synchroniser synchroniser,
      StatusBoard board) {
    this.wanted = wanted;
    this.state = state;
    this.applier = applier;
    this.synchroniser = synchroniser;
    this.board = board;
  }

  /** Before anything is applied. */
  void settle(FrameSource frames) throws IOException {
    if (!state.notes().subset().equals(wanted)) {
      if (isWhole() && !state.notes().isSubsetChanging()) {
        board.phase(Phase.SYNCING);
        applier.reset();
        // Here what others have changed is still told from what only leaves the subset.
        synchroniser.repair(Long.MAX_VALUE, frames);
      }
      state.notes().putSubset(wanted);
      board.subset(wanted, true);
    }
    if (state.notes().isSubsetChanging()) {
      if (isWhole()) {
        board.phase(Phase.SYNCING);
        applier.reset();
        synchroniser.repairOurs(frames);
      }
      state.notes().subsetChanged();
      board.subset(wanted, false);
    }
  }

  /** Whether the state tells what stands in the target; else it is made equal to a tree anyway. */
  private boolean isWhole() throws IOException {
    Optional<Hold> hold = state.notes().hold();
    return state.cursor().isPresent()
        || hold.isPresent()
            && switch (hold.get().stage()) {
              case STANDING, ELSEWHERE, RELEASED -> true;
              case AHEAD, BACK, COMPARED -> false;
            };
  }
}
