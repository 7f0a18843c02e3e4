package dev.tidemark.mirror;

import dev.tidemark.filesystem.entry.Listing;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * What stands in the target as the state knows it, in path order: names are listed in the order of
 * a walk.
 */
final class StateStream implements EntryStream {
  private final MirrorState state;
  private final Deque<Level> open = new ArrayDeque<>();
  private boolean begun;

  StateStream(MirrorState state) {
    this.state = state;
  }

  private record Level(NodePath path, Listing listing) {}

  @Override
  public Optional<TreeEntry> next() throws IOException {
    if (!begun) {
      begun = true;
      open.push(new Level(NodePath.ROOT, state.list(MirrorState.ROOT_ID)));
      Optional<StateEntry> root = state.find(MirrorState.ROOT_PARENT, MirrorState.ROOT_NAME);
      if (root.isPresent()) {
        return Optional.of(new TreeEntry(NodePath.ROOT, root.get().node()));
      }
    }
    while (!open.isEmpty()) {
      Level level = open.element();
      if (level.listing().next()) {
        StateEntry entry = StateEntry.decode(level.listing().value());
        NodePath path = level.path().child(level.listing().name());
        if (!state.notes().subset().holds(path, entry.node())) {
          continue;
        }
        if (entry.isDirectory()) {
          open.push(new Level(path, state.list(entry.directoryId())));
        }
        return Optional.of(new TreeEntry(path, entry.node()));
      }
      open.pop().listing().close();
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    while (!open.isEmpty()) {
      open.pop().listing().close();
    }
  }
}
