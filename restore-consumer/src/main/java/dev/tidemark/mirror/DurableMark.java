package dev.tidemark.mirror;

import dev.tidemark.apply.TargetDirectory;
import dev.tidemark.filesystem.linux.LinuxFiles;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the target's filesystem written out at intervals, and notes up to where; on a thread of its
 * own.
 */
final class DurableMark implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(DurableMark.class);

  private final TargetDirectory target;
  private final MirrorState state;
  private final StatusBoard board;
  private final MirrorConfig config;

  DurableMark(TargetDirectory target, MirrorState state, StatusBoard board, MirrorConfig config) {
    this.target = target;
    this.state = state;
    this.board = board;
    this.config = config;
  }

  @Override
  public void run() {
    try {
      while (!board.isClosing()) {
        board.pause(config.intervals().durable());
        try {
          advance();
        } catch (IOException e) {
          board.failed("%s could not be synced: %s".formatted(target.path(), e.getMessage()));
          log.atWarn().setCause(e).addKeyValue("target", target.path()).log("sync failed");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What was applied before the sync is durable after it. */
  void advance() throws IOException {
    if (config.writing().durability() == Durability.NONE) {
      return;
    }
    long beginning = board.beginnings();
    long applied = board.status().appliedSequence();
    if (applied > board.status().durableSequence()) {
      LinuxFiles.syncFilesystem(target.root());
      board.durable(beginning, applied, () -> state.notes().putDurable(applied));
    }
  }
}
