package dev.tidemark.mirror;

import dev.tidemark.apply.FrameSource;
import dev.tidemark.apply.LinkIdentity;
import dev.tidemark.apply.NodeWriter;
import dev.tidemark.filesystem.entry.Listing;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.mirror.MirrorState.Place;
import dev.tidemark.mirror.OpenDirectories.OpenDirectory;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Writes what the state has at a path, and below it, to where nothing stands of it: as far as it is
 * in the subset. Holds one path of directories in memory, and as many files as are written at once.
 */
final class IncomingTree {
  private static final int FILES_AT_ONCE = 500;
  private static final long BYTES_AT_ONCE = 32L << 20;

  private final MirrorState state;
  private final NodeWriter writer;
  private final OpenDirectories directories;
  private final LinkedEntries links;
  private final FileRun run;
  private final CrashPoints crashes;
  private final List<Change.Put> waiting = new ArrayList<>();
  private long waitingBytes;

  IncomingTree(
      MirrorState state,
      NodeWriter writer,
      OpenDirectories directories,
      LinkedEntries links,
      FileRun run,
      CrashPoints crashes) {
    this.state = state;
    this.writer = writer;
    this.directories = directories;
    this.links = links;
    this.run = run;
    this.crashes = crashes;
  }

  private record Level(NodePath path, long directory, Listing listing) {}

  /** With nothing pending in the state. What is written is pending, or committed, afterwards. */
  void write(NodePath path, FrameSource frames) throws IOException {
    waiting.clear();
    waitingBytes = 0;
    Deque<Level> open = new ArrayDeque<>();
    try {
      Optional<Place> top = state.placeOf(path);
      Optional<StateEntry> entry = top.isEmpty() ? Optional.empty() : state.find(top.get());
      if (entry.isPresent()) {
        write(path, top.get(), entry.get(), open, frames);
      }
      while (!open.isEmpty()) {
        Level level = open.element();
        if (level.listing().next()) {
          byte[] name = level.listing().name();
          StateEntry below = StateEntry.decode(level.listing().value());
          write(level.path().child(name), new Place(level.directory(), name), below, open, frames);
        } else {
          open.pop().listing().close();
        }
      }
      flush(frames);
    } finally {
      open.forEach(level -> level.listing().close());
    }
  }

  private void write(
      NodePath path, Place place, StateEntry entry, Deque<Level> open, FrameSource frames)
      throws IOException {
    if (!state.notes().subset().holds(path, entry.node())) {
      return;
    }
    if (directories.isFull()) {
      flush(frames);
      directories.forget();
    }
    OpenDirectory parent = directories.openParent(path);
    switch (entry.node()) {
      case Node.Directory directory -> {
        writer.ensureDirectory(parent.descriptor(), path.name());
        directories.open(path).describe(directory);
        flush(frames);
        // A listing is of what is committed; without a cursor it says no more than before.
        directories.settle();
        state.commitWithoutCursor();
        open.push(new Level(path, entry.directoryId(), state.list(entry.directoryId())));
      }
      case Node.File file -> writeFile(path, place, entry, file, parent, frames);
      case Node.Symlink _, Node.Fifo _, Node.Device _ -> {
        if (!link(path, place, entry, parent, frames)) {
          Optional<FileStatus> left =
              writer.putSpecial(parent.descriptor(), path.name(), entry.node());
          state.put(place, entry.withSignature(left.map(Signature::of).orElse(Signature.UNKNOWN)));
        }
      }
    }
  }

  private void writeFile(
      NodePath path,
      Place place,
      StateEntry entry,
      Node.File file,
      OpenDirectory parent,
      FrameSource frames)
      throws IOException {
    if (run.holdsGroupOf(file)) {
      flush(frames);
    }
    if (link(path, place, entry, parent, frames)) {
      return;
    }
    StateEntry nothing = entry.withSignature(Signature.UNKNOWN);
    run.add(new FileRun.Job(path, place, parent, file, nothing, entry.sequence()));
    waiting.add(new Change.Put(path, file));
    waitingBytes += file.content().size();
    if (waiting.size() >= FILES_AT_ONCE || waitingBytes >= BYTES_AT_ONCE) {
      flush(frames);
    }
  }

  private boolean link(
      NodePath path, Place place, StateEntry entry, OpenDirectory parent, FrameSource frames)
      throws IOException {
    if (!LinkIdentity.isShared(entry.node())) {
      return false;
    }
    Optional<FileStatus> left =
        links.link(place, parent.descriptor(), path.name(), entry.node(), frames);
    if (left.isPresent()) {
      state.put(place, entry.withSignature(Signature.of(left.get())));
    }
    return left.isPresent();
  }

  private void flush(FrameSource frames) throws IOException {
    crashes.at("incoming");
    if (!run.isEmpty()) {
      run.write(BatchFrames.readAll(waiting, frames), state);
    }
    waiting.clear();
    waitingBytes = 0;
  }
}
