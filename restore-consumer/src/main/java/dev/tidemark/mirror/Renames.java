package dev.tidemark.mirror;

import dev.tidemark.apply.NodeWriter;
import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.mirror.MirrorState.Place;
import dev.tidemark.schemas.change.Change.Exchange;
import dev.tidemark.schemas.change.Change.Move;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.util.Optional;

/**
 * Makes moves and exchanges, each once: before it, all that came before is committed with its
 * intent, and whether it was made before a crash is told by where the inode of its first path is.
 * Nothing may wait to be written.
 */
final class Renames {
  private final MirrorState state;
  private final NodeWriter writer;
  private final OpenDirectories directories;
  private final CrashPoints crashes;
  private final Barrier barrier;
  private final Commit beforeUnmade;

  /** Commits everything before a move, and that it comes next, in one step. */
  interface Barrier {
    void commit(Intent intent) throws IOException;
  }

  /** Commits everything that is done. */
  interface Commit {
    void commit() throws IOException;
  }

  Renames(
      MirrorState state,
      NodeWriter writer,
      OpenDirectories directories,
      CrashPoints crashes,
      Barrier barrier,
      Commit beforeUnmade) {
    this.state = state;
    this.writer = writer;
    this.directories = directories;
    this.crashes = crashes;
    this.barrier = barrier;
    this.beforeUnmade = beforeUnmade;
  }

  /**
   * Makes a move.
   *
   * @return whether it has to be committed before anything but another move is applied
   */
  boolean move(Move move, long sequence) throws IOException {
    NodePath from = move.from();
    NodePath to = move.to();
    requireApart(from, to, sequence);
    Place fromPlace = state.requirePlace(from, sequence);
    Place toPlace = state.requirePlace(to, sequence);
    StateEntry entry = requireEntry(fromPlace, from, sequence);
    if (from.equals(to)) {
      return false;
    }
    Optional<StateEntry> replaced = state.find(toPlace);
    if (entry.isUnmade()) {
      moveUnmade(fromPlace, toPlace, to, entry.moved(sequence, Signature.UNKNOWN), replaced);
      return false;
    }
    boolean again = state.intent().sequence() == sequence;
    if (entry.isDirectory() || replaced.filter(StateEntry::isDirectory).isPresent()) {
      directories.forget();
    }
    long inode = again ? state.intent().fromInode() : inodeAt(from);
    if (!again) {
      barrier.commit(new Intent(sequence, inode));
    }
    crashes.at("intent");
    Descriptor fromParent = directories.openParent(from).descriptor();
    Descriptor toParent = directories.openParent(to).descriptor();
    if (inodeOrNone(from) == inode) {
      writer.move(fromParent, from.name(), toParent, to.name());
    } else {
      requireMoved(to, inode);
      // Made before a crash; what it replaced may have been left at the first path.
      writer.remove(fromParent, from.name());
    }
    crashes.at("moved");
    state.dropBelow(replaced);
    state.detach(fromPlace);
    state.put(toPlace, entry.moved(sequence, signatureAt(to)));
    if (entry.isDirectory()) {
      directories.forget();
    }
    return true;
  }

  /** Nothing stands at its name: only what it replaces goes, which may be done again. */
  private void moveUnmade(
      Place from, Place to, NodePath path, StateEntry moved, Optional<StateEntry> replaced)
      throws IOException {
    directories.forget();
    beforeUnmade.commit();
    state.dropBelow(replaced);
    writer.remove(directories.openParent(path).descriptor(), path.name());
    state.detach(from);
    state.put(to, moved);
  }

  /** Lets two entries change places; answers as {@link #move}. */
  boolean exchange(Exchange exchange, long sequence) throws IOException {
    requireApart(exchange.first(), exchange.second(), sequence);
    boolean isFirstUnmade =
        requireEntry(state.requirePlace(exchange.first(), sequence), exchange.first(), sequence)
            .isUnmade();
    NodePath first = isFirstUnmade ? exchange.second() : exchange.first();
    NodePath second = isFirstUnmade ? exchange.first() : exchange.second();
    Place firstPlace = state.requirePlace(first, sequence);
    Place secondPlace = state.requirePlace(second, sequence);
    StateEntry firstEntry = requireEntry(firstPlace, first, sequence);
    StateEntry secondEntry = requireEntry(secondPlace, second, sequence);
    if (first.equals(second)) {
      return false;
    }
    if (firstEntry.isUnmade()) {
      state.put(firstPlace, secondEntry.moved(sequence, Signature.UNKNOWN));
      state.put(secondPlace, firstEntry.moved(sequence, Signature.UNKNOWN));
      return false;
    }
    boolean again = state.intent().sequence() == sequence;
    directories.forget();
    long inode = again ? state.intent().fromInode() : inodeAt(first);
    if (!again) {
      barrier.commit(new Intent(sequence, inode));
    }
    crashes.at("intent");
    Descriptor firstParent = directories.openParent(first).descriptor();
    Descriptor secondParent = directories.openParent(second).descriptor();
    if (inodeOrNone(first) == inode && secondEntry.isUnmade()) {
      writer.move(firstParent, first.name(), secondParent, second.name());
    } else if (inodeOrNone(first) == inode) {
      writer.exchange(firstParent, first.name(), secondParent, second.name());
    } else {
      requireMoved(second, inode);
    }
    crashes.at("moved");
    Signature left = secondEntry.isUnmade() ? Signature.UNKNOWN : signatureAt(first);
    state.put(firstPlace, secondEntry.moved(sequence, left));
    state.put(secondPlace, firstEntry.moved(sequence, signatureAt(second)));
    state.forgetPaths();
    directories.forget();
    return true;
  }

  private void requireMoved(NodePath to, long inode) throws IOException {
    if (inodeOrNone(to) != inode) {
      throw new TargetDriftException("%s was changed in the target".formatted(to));
    }
  }

  static void requireApart(NodePath one, NodePath other, long sequence)
      throws MirrorDivergedException {
    if (one.isRoot()
        || other.isRoot()
        || !one.equals(other) && (one.contains(other) || other.contains(one))) {
      throw new MirrorDivergedException(
          sequence, "%s and %s cannot be renamed to one another".formatted(one, other));
    }
  }

  private StateEntry requireEntry(Place place, NodePath path, long sequence) throws IOException {
    Optional<StateEntry> entry = state.find(place);
    if (entry.isEmpty()) {
      throw new MirrorDivergedException(sequence, "there is no %s".formatted(path));
    }
    return entry.get();
  }

  private long inodeAt(NodePath path) throws IOException {
    long inode = inodeOrNone(path);
    if (inode == 0) {
      throw new TargetDriftException("%s is gone from the target".formatted(path));
    }
    return inode;
  }

  private long inodeOrNone(NodePath path) throws IOException {
    return LinuxFiles.findStatus(directories.openParent(path).descriptor(), path.name())
        .map(FileStatus::inode)
        .orElse(0L);
  }

  private Signature signatureAt(NodePath path) throws IOException {
    return Signature.of(LinuxFiles.status(directories.openParent(path).descriptor(), path.name()));
  }
}
