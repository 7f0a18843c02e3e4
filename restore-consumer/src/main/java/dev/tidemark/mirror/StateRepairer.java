package dev.tidemark.mirror;

import dev.tidemark.apply.SyncListener;
import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.mirror.MirrorState.Place;
import dev.tidemark.mirror.StateRecorder.Displaced;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Compares the target with the state: a file is trusted only with the signature that it was left
 * with, and, after a power loss, only if it was durable. The new signatures are kept until {@link
 * #finish}, since the state is being read meanwhile.
 */
final class StateRepairer implements SyncListener {
  private final MirrorState state;
  private final long trustedSequence;
  private final Displaced displaced;
  private final Map<Changed, StateEntry> changed = new LinkedHashMap<>();

  private record Changed(long directory, Bytes name) {}

  /**
   * @param trustedSequence entries applied after it are read and hashed
   */
  StateRepairer(MirrorState state, long trustedSequence, Displaced displaced) {
    this.state = state;
    this.trustedSequence = trustedSequence;
    this.displaced = displaced;
  }

  @Override
  public long directory(long parent, byte[] name, Node.Directory node) throws IOException {
    if (name.length == 0) {
      return MirrorState.ROOT_ID;
    }
    synchronized (state) {
      return entryAt(parent, name).directoryId();
    }
  }

  private StateEntry entryAt(long directory, byte[] name) throws IOException {
    return state
        .find(directory, name)
        .orElseThrow(() -> new IllegalStateException("the state has lost an entry it listed"));
  }

  @Override
  public boolean trusts(long directory, byte[] name, FileStatus is) throws IOException {
    synchronized (state) {
      StateEntry entry = entryAt(directory, name);
      return entry.sequence() <= trustedSequence && entry.signature().equals(Signature.of(is));
    }
  }

  @Override
  public void entry(long directory, byte[] name, Node node, FileStatus left) throws IOException {
    synchronized (state) {
      StateEntry entry = entryAt(directory, name);
      Signature signature = Signature.of(left);
      if (!entry.signature().equals(signature)) {
        changed.put(
            new Changed(directory, Bytes.of(name)),
            new StateEntry(entry.sequence(), entry.keptSequence(), 0, signature, entry.node()));
      }
    }
  }

  @Override
  public void displacing(Descriptor parent, byte[] name, NodePath path) throws IOException {
    displaced.keep(parent, name, path);
  }

  /** Puts the new signatures into the state, not committed yet. */
  void finish() throws IOException {
    for (Map.Entry<Changed, StateEntry> entry : changed.entrySet()) {
      Changed at = entry.getKey();
      state.put(new Place(at.directory(), at.name().toArray()), entry.getValue());
    }
    changed.clear();
  }
}
