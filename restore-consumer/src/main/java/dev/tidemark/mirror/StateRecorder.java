package dev.tidemark.mirror;

import dev.tidemark.apply.SyncListener;
import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.mirror.MirrorState.Place;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;

/** Notes in an empty state what a bootstrap puts onto the target. */
final class StateRecorder implements SyncListener {
  private static final int COMMIT_AT = 2_000;

  private final MirrorState state;
  private final long sequence;
  private final Displaced displaced;
  private final Runnable passed;
  private final Distrust distrust;

  /** What to do about an entry that is about to be replaced or removed. */
  interface Displaced {
    Displaced IGNORED = (_, _, _) -> {};

    /** What cannot be replaced stays where it is. */
    static Displaced unlessProtected(Displaced displaced) {
      return (parent, name, path) -> {
        if (!Waits.isProtected(parent, name)) {
          displaced.keep(parent, name, path);
        }
      };
    }

    void keep(Descriptor parent, byte[] name, NodePath path) throws IOException;
  }

  /**
   * @param sequence at which the tree stands
   * @param passed called for each entry that was dealt with
   */
  StateRecorder(
      MirrorState state, long sequence, Displaced displaced, Distrust distrust, Runnable passed) {
    this.state = state;
    this.sequence = sequence;
    this.displaced = displaced;
    this.distrust = distrust;
    this.passed = passed;
  }

  @Override
  public long directory(long parent, byte[] name, Node.Directory node) throws IOException {
    synchronized (state) {
      boolean isRoot = name.length == 0;
      long id = isRoot ? MirrorState.ROOT_ID : state.newDirectoryId();
      long in = isRoot ? MirrorState.ROOT_PARENT : parent;
      put(new Place(in, name), new StateEntry(sequence, 0, id, Signature.UNKNOWN, node));
      distrust.directory(parent, name, id);
      return id;
    }
  }

  @Override
  public void entry(long directory, byte[] name, Node node, FileStatus left) throws IOException {
    synchronized (state) {
      put(new Place(directory, name), new StateEntry(sequence, 0, 0, Signature.of(left), node));
    }
  }

  @Override
  public boolean trusts(long directory, byte[] name, FileStatus is) {
    return distrust.trusts(directory, name);
  }

  private void put(Place place, StateEntry entry) throws IOException {
    state.put(place, entry);
    if (state.pendingCount() >= COMMIT_AT) {
      state.commitWithoutCursor();
    }
  }

  @Override
  public void displacing(Descriptor parent, byte[] name, NodePath path) throws IOException {
    displaced.keep(parent, name, path);
  }

  @Override
  public void passed(NodePath path, Node node) {
    passed.run();
  }
}
