package dev.tidemark.mirror;

import dev.tidemark.apply.FrameSource;
import dev.tidemark.apply.OwnerIds;
import dev.tidemark.apply.TargetDirectory;
import dev.tidemark.schemas.cursor.Cursor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/** Target and state as one process has them: {@code target} and {@code state} of a folder. */
final class TestSession implements AutoCloseable {
  final MirrorState state;
  final TargetDirectory target;
  final Applier applier;
  private final FrameSource frames;

  TestSession(Path base, FrameSource frames, CrashPoints crashes) throws IOException {
    this(base, Subset.ALL, frames, crashes);
  }

  TestSession(Path base, Subset subset, FrameSource frames, CrashPoints crashes)
      throws IOException {
    this.frames = frames;
    state = MirrorState.open(base.resolve("state"));
    if (!state.notes().subset().equals(subset)) {
      state.notes().putSubset(subset);
      state.notes().subsetChanged();
    }
    if (state.cursor().isEmpty()) {
      state.commit(Cursor.start(new UUID(1, 1), 0, 0));
    }
    target = TargetDirectory.open(base.resolve("target"));
    applier = new Applier(target, state, target.writer(OwnerIds.BY_NAME), 2, crashes);
  }

  void apply(List<Accepted> changes) throws IOException {
    if (!changes.isEmpty()) {
      applier.apply(changes, frames, changes.getLast().after());
    }
  }

  void applyInBatches(List<Accepted> changes, Random random) throws IOException {
    int from = 0;
    while (from < changes.size()) {
      int to = Math.min(changes.size(), from + 1 + random.nextInt(40));
      apply(changes.subList(from, to));
      from = to;
    }
  }

  long sequence() {
    return state.cursor().orElseThrow().sequence();
  }

  @Override
  public void close() throws IOException {
    applier.close();
    target.close();
    state.close();
  }
}
