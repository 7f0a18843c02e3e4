package dev.tidemark.repository.history;

import dev.tidemark.repository.snapshot.LongReplay;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.tree.TreeBase;
import java.io.IOException;

/**
 * The tree that goes along with a walk through its history: each change is applied once, in bounded
 * memory. For who asks for the tree at many places.
 */
final class RunningTree implements HistoryWalk.Trees, AutoCloseable {
  private final OpenHistory history;
  private LongReplay replay;

  RunningTree(OpenHistory history) throws IOException {
    this.history = history;
    this.replay = history.emptyReplay();
  }

  @Override
  public void pass(SealedChange change) throws IOException {
    history.apply(change, replay::apply);
  }

  @Override
  public void enter(long sequence) throws IOException {
    replay.close();
    replay = history.replayTo(sequence);
  }

  @Override
  public TreeBase after(long sequence) {
    return replay.tree();
  }

  @Override
  public void close() throws IOException {
    replay.close();
  }
}
