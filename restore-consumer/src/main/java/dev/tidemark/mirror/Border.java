package dev.tidemark.mirror;

import dev.tidemark.apply.FrameSource;
import dev.tidemark.apply.NodeWriter;
import dev.tidemark.mirror.MirrorState.Place;
import dev.tidemark.mirror.OpenDirectories.OpenDirectory;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Body;
import dev.tidemark.schemas.change.Change.Exchange;
import dev.tidemark.schemas.change.Change.Move;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.cursor.Cursor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Applies changes that are not wholly inside of the subset that stands in the target. What happens
 * outside is noted in the state; what comes in is written as if it were put, and what goes out is
 * removed: of both nothing is harmed if it is done again after a crash. A directory that comes in
 * is in the state before it is in the target, under a note that lets the two be compared at the
 * next start if it is not completed.
 */
final class Border {
  private final MirrorState state;
  private final NodeWriter writer;
  private final OpenDirectories directories;
  private final Noting noting;
  private final IncomingTree incoming;
  private final CrashPoints crashes;
  private final Inside inside;

  /** What applies changes inside of the subset. */
  interface Inside {
    /** Writes the files that wait. */
    void flush(FrameSource frames) throws IOException;

    void put(NodePath path, Node node, long sequence, FrameSource frames) throws IOException;

    /** Commits all that came before; nothing waits, and nothing is pending then. */
    void commitBefore() throws IOException;

    /** Commits that a change is applied, too. */
    void commitThrough(Cursor cursor) throws IOException;
  }

  Border(
      MirrorState state,
      NodeWriter writer,
      OpenDirectories directories,
      IncomingTree incoming,
      CrashPoints crashes,
      Inside inside) {
    this.state = state;
    this.writer = writer;
    this.directories = directories;
    this.noting = new Noting(state);
    this.incoming = incoming;
    this.crashes = crashes;
    this.inside = inside;
  }

  /** Whether a change is to be applied here. */
  boolean concerns(Body body) {
    Subset subset = state.notes().subset();
    return !subset.isAll()
        && switch (body) {
          case Change.Put(NodePath path, Node node) -> !subset.holds(path, node);
          case Change.Remove(NodePath path) -> !subset.reaches(path);
          case Move(NodePath from, NodePath to) -> !subset.contains(from) || !subset.contains(to);
          case Exchange(NodePath first, NodePath second) ->
              !subset.contains(first) || !subset.contains(second);
          case Change.Keep _,
              Change.EpochStarted _,
              Change.ScanStarted _,
              Change.ScanCompleted _,
              Change.Tag _,
              Change.Heartbeat _ ->
              false;
        };
  }

  /** Applies one that is. */
  void apply(Accepted accepted, FrameSource frames) throws IOException {
    Body body = accepted.change().body();
    switch (body) {
      case Change.Put(NodePath path, Node _) -> {
        if (isDirectory(path)) {
          inside.flush(frames);
          inside.commitBefore();
          takeOut(path);
        }
        noting.note(body, accepted.sequence());
      }
      case Change.Remove(NodePath path) -> {
        if (isDirectory(path)) {
          inside.flush(frames);
          inside.commitBefore();
        }
        noting.note(body, accepted.sequence());
      }
      case Move move -> move(move, accepted, frames);
      case Exchange exchange -> exchange(exchange, accepted, frames);
      case Change.Keep _,
          Change.EpochStarted _,
          Change.ScanStarted _,
          Change.ScanCompleted _,
          Change.Tag _,
          Change.Heartbeat _ ->
          throw new IllegalArgumentException("no change of a path: " + body);
    }
  }

  /** The files that are to be written for changes, with their paths: what is put, or comes in. */
  List<Change.Put> puts(List<Accepted> changes) throws IOException {
    List<Change.Put> puts = new ArrayList<>();
    for (Accepted accepted : changes) {
      switch (accepted.change().body()) {
        case Change.Put put when !concerns(put) -> puts.add(put);
        case Move move when concerns(move) && state.notes().subset().contains(move.to()) ->
            findNode(move.from(), changes)
                .ifPresent(node -> puts.add(new Change.Put(move.to(), node)));
        default -> {
          // No bytes are needed, or they are asked for when it is applied.
        }
      }
    }
    return puts;
  }

  private Optional<Node> findNode(NodePath path, List<Accepted> changes) throws IOException {
    for (Accepted accepted : changes.reversed()) {
      if (accepted.change().body() instanceof Change.Put(NodePath at, Node node)
          && at.equals(path)) {
        return Optional.of(node);
      }
    }
    Optional<Place> place = state.placeOf(path);
    return place.isEmpty() ? Optional.empty() : state.find(place.get()).map(StateEntry::node);
  }

  private boolean isDirectory(NodePath path) throws IOException {
    Optional<Place> place = state.placeOf(path);
    return place.isPresent() && state.find(place.get()).filter(StateEntry::isDirectory).isPresent();
  }

  /** Removes from the target what stands there of a path. */
  private void takeOut(NodePath path) throws IOException {
    if (state.notes().subset().reaches(path)) {
      OpenDirectory parent = directories.openParent(path);
      writer.remove(parent.descriptor(), path.name());
    }
  }

  private void move(Move move, Accepted accepted, FrameSource frames) throws IOException {
    long sequence = accepted.sequence();
    NodePath from = move.from();
    NodePath to = move.to();
    Renames.requireApart(from, to, sequence);
    // A file that was put a moment ago is not noted before it is written.
    inside.flush(frames);
    Place fromPlace = state.requirePlace(from, sequence);
    StateEntry entry = noting.require(fromPlace, from, sequence);
    if (from.equals(to)) {
      return;
    }
    if (entry.isDirectory() || isDirectory(to)) {
      inside.commitBefore();
      takeOut(from);
      takeOut(to);
      noteAndBringIn(accepted, frames, to);
    } else if (state.notes().subset().contains(to)) {
      inside.put(to, entry.node(), sequence, frames);
      inside.flush(frames);
      state.detach(fromPlace);
    } else {
      takeOut(from);
      crashes.at("taken out");
      noting.note(move, sequence);
    }
  }

  private void exchange(Exchange exchange, Accepted accepted, FrameSource frames)
      throws IOException {
    long sequence = accepted.sequence();
    NodePath first = exchange.first();
    NodePath second = exchange.second();
    Renames.requireApart(first, second, sequence);
    inside.flush(frames);
    StateEntry one = noting.require(state.requirePlace(first, sequence), first, sequence);
    StateEntry other = noting.require(state.requirePlace(second, sequence), second, sequence);
    if (first.equals(second)) {
      return;
    }
    inside.commitBefore();
    takeOut(first);
    takeOut(second);
    noteAndBringIn(accepted, frames, first, second);
  }

  private void noteAndBringIn(Accepted accepted, FrameSource frames, NodePath... paths)
      throws IOException {
    boolean comesIn = false;
    for (NodePath path : paths) {
      comesIn |= state.notes().subset().reaches(path);
    }
    if (comesIn) {
      state.notes().noteDrift();
    }
    noting.note(accepted.change().body(), accepted.sequence());
    crashes.at("taken out");
    inside.commitThrough(accepted.after());
    if (!comesIn) {
      return;
    }
    try {
      for (NodePath path : paths) {
        incoming.write(path, frames);
        crashes.at("brought in");
      }
      inside.commitThrough(accepted.after());
    } catch (IOException e) {
      throw new TargetDriftException("what came into the subset is not complete", e);
    }
    state.notes().forgetDrift();
  }
}
