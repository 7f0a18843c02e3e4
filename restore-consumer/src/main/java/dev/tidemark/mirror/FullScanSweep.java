package dev.tidemark.mirror;

import dev.tidemark.apply.NodeWriter;
import dev.tidemark.filesystem.entry.Listing;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.mirror.MirrorState.Place;
import dev.tidemark.mirror.OpenDirectories.OpenDirectory;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The end of a full scan: what was neither put since it began, nor moved, nor kept, nor holds
 * anything that was, goes. Reads all of the state once; holds one path of open directories in
 * memory, and the names that go.
 */
final class FullScanSweep {
  private final MirrorState state;
  private final NodeWriter writer;
  private final OpenDirectories directories;
  private final Stepping stepping;
  private final long started;
  private final List<Gone> going = new ArrayList<>();

  FullScanSweep(
      MirrorState state,
      NodeWriter writer,
      OpenDirectories directories,
      Stepping stepping,
      long started) {
    this.stepping = stepping;
    this.state = state;
    this.writer = writer;
    this.directories = directories;
    this.started = started;
  }

  private record Gone(NodePath path, Place place) {}

  /** A directory whose entries are being looked at. */
  private static final class Level {
    final NodePath path;
    final @Nullable Place place;
    final long directoryId;
    final Listing listing;

    /** Where in the list of what goes its own entries begin. */
    final int firstGone;

    boolean stays;

    Level(
        NodePath path,
        @Nullable Place place,
        long directoryId,
        Listing listing,
        boolean stays,
        int firstGone) {
      this.path = path;
      this.place = place;
      this.directoryId = directoryId;
      this.listing = listing;
      this.stays = stays;
      this.firstGone = firstGone;
    }
  }

  /** Removes from target and state; nothing may be pending in the state. */
  void sweep() throws IOException {
    find();
    for (Gone gone : going) {
      remove(gone.path());
      state.remove(gone.place());
    }
  }

  private void remove(NodePath path) throws IOException {
    if (state.blocked().covers(path) || !state.notes().subset().reaches(path)) {
      return;
    }
    try {
      OpenDirectory parent = directories.open(path.parent());
      parent.touch();
      writer.remove(parent.descriptor(), path.name());
      state.blocked().dropAt(path);
    } catch (SystemCallException e) {
      if (!stepping.isInTheWay(e, new Change.Remove(path))) {
        throw e;
      }
      state.blocked().add(path);
    }
  }

  private void find() throws IOException {
    Deque<Level> open = new ArrayDeque<>();
    open.push(level(NodePath.ROOT, null, MirrorState.ROOT_ID, true));
    try {
      while (!open.isEmpty()) {
        Level level = open.element();
        if (level.listing.next()) {
          look(level, level.listing.name(), StateEntry.decode(level.listing.value()), open);
        } else {
          leave(open);
        }
      }
    } finally {
      open.forEach(level -> level.listing.close());
    }
  }

  private void look(Level level, byte[] name, StateEntry entry, Deque<Level> open) {
    NodePath path = level.path.child(name);
    Place place = new Place(level.directoryId, name);
    if (entry.keptSequence() >= started) {
      level.stays = true;
      return;
    }
    boolean stays = entry.sequence() >= started;
    if (entry.isDirectory()) {
      open.push(level(path, place, entry.directoryId(), stays));
    } else if (stays) {
      level.stays = true;
    } else {
      going.add(new Gone(path, place));
    }
  }

  private Level level(NodePath path, @Nullable Place place, long directoryId, boolean stays) {
    return new Level(path, place, directoryId, state.list(directoryId), stays, going.size());
  }

  private void leave(Deque<Level> open) {
    Level level = open.pop();
    level.listing.close();
    Place place = level.place;
    if (place == null) {
      return;
    }
    if (level.stays) {
      open.element().stays = true;
    } else {
      // It goes as one, with all that is below it.
      going.subList(level.firstGone, going.size()).clear();
      going.add(new Gone(level.path, place));
    }
  }
}
