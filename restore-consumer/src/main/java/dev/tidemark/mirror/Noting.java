package dev.tidemark.mirror;

import dev.tidemark.mirror.MirrorState.Place;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Body;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.util.Optional;

/**
 * Notes changes in the state alone, with a signature that nothing has: of what may not be changed
 * in the target, or does not stand there.
 */
final class Noting {
  private final MirrorState state;

  Noting(MirrorState state) {
    this.state = state;
  }

  /** Notes a change of a path; what came before it may be pending if no directory goes by it. */
  void note(Body body, long sequence) throws IOException {
    switch (body) {
      case Change.Put(NodePath path, Node node) -> put(path, node, sequence);
      case Change.Remove(NodePath path) -> remove(path);
      case Change.Move(NodePath from, NodePath to) -> move(from, to, sequence);
      case Change.Exchange(NodePath first, NodePath second) -> exchange(first, second, sequence);
      case Change.Keep _,
          Change.EpochStarted _,
          Change.ScanStarted _,
          Change.ScanCompleted _,
          Change.Tag _,
          Change.Heartbeat _ ->
          throw new IllegalArgumentException("no change of a path: " + body);
    }
  }

  private void put(NodePath path, Node node, long sequence) throws IOException {
    Place place = state.requirePlace(path, sequence);
    Optional<StateEntry> before = state.find(place);
    boolean was = before.filter(StateEntry::isDirectory).isPresent();
    long id = 0;
    if (node instanceof Node.Directory) {
      id =
          was
              ? before.orElseThrow().directoryId()
              : path.isRoot() ? MirrorState.ROOT_ID : state.newDirectoryId();
    } else {
      state.dropBelow(before);
    }
    long kept = before.map(StateEntry::keptSequence).orElse(0L);
    state.put(place, new StateEntry(sequence, kept, id, Signature.UNKNOWN, node));
  }

  private void remove(NodePath path) throws IOException {
    Optional<Place> place = state.placeOf(path);
    if (place.isPresent() && state.find(place.get()).isPresent()) {
      state.remove(place.get());
    }
  }

  private void move(NodePath from, NodePath to, long sequence) throws IOException {
    Place fromPlace = state.requirePlace(from, sequence);
    Place toPlace = state.requirePlace(to, sequence);
    StateEntry entry = require(fromPlace, from, sequence);
    if (!from.equals(to)) {
      state.dropBelow(state.find(toPlace));
      state.detach(fromPlace);
      state.put(toPlace, entry.moved(sequence, Signature.UNKNOWN));
    }
  }

  private void exchange(NodePath first, NodePath second, long sequence) throws IOException {
    Place firstPlace = state.requirePlace(first, sequence);
    Place secondPlace = state.requirePlace(second, sequence);
    StateEntry firstEntry = require(firstPlace, first, sequence);
    StateEntry secondEntry = require(secondPlace, second, sequence);
    state.put(firstPlace, secondEntry.moved(sequence, Signature.UNKNOWN));
    state.put(secondPlace, firstEntry.moved(sequence, Signature.UNKNOWN));
    state.forgetPaths();
  }

  /** The entry at a place, which a change needs. */
  StateEntry require(Place place, NodePath path, long sequence) throws IOException {
    return state
        .find(place)
        .orElseThrow(() -> new MirrorDivergedException(sequence, "there is no %s".formatted(path)));
  }
}
