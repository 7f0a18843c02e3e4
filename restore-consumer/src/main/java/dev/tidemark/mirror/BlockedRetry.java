package dev.tidemark.mirror;

import dev.tidemark.apply.FrameSource;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * Looks from time to time whether blocked paths may be changed again, compares the target with the
 * state then, and tells of those that are left. On the mirror's thread.
 */
final class BlockedRetry {
  private static final Duration LOOK = Duration.ofSeconds(2);

  private final MirrorState state;
  private final Applier applier;
  private final Synchroniser synchroniser;
  private final StatusBoard board;
  private long lookedNanos = System.nanoTime() - LOOK.toNanos();

  BlockedRetry(MirrorState state, Applier applier, Synchroniser synchroniser, StatusBoard board) {
    this.state = state;
    this.applier = applier;
    this.synchroniser = synchroniser;
    this.board = board;
  }

  /** Nothing may be pending in the state. */
  void retry(FrameSource frames) throws IOException {
    if (state.blocked().isEmpty() || System.nanoTime() - lookedNanos < LOOK.toNanos()) {
      tell();
      return;
    }
    List<NodePath> free = applier.findFree();
    if (!free.isEmpty()) {
      applier.reset();
      // What the comparison finds that may still not be changed comes back, by its own path.
      state.blocked().removeAll(free);
      synchroniser.repair(Long.MAX_VALUE, frames);
    }
    lookedNanos = System.nanoTime();
    tell();
  }

  /** Tells how many wait. */
  void tell() {
    List<NodePath> left = state.blocked().all();
    board.blocked(
        left.isEmpty()
            ? ""
            : ("%d paths wait, since what stands there is immutable or append-only; the first is"
                    + " %s. Take the flag off it or its directory (`lsattr -d`, `chattr -i -a`).")
                .formatted(left.size(), left.getFirst()));
  }
}
