package dev.tidemark.mirror;

import dev.tidemark.apply.ExistingCheck;
import dev.tidemark.apply.ExistingCheck.Difference;
import dev.tidemark.apply.FrameSource;
import dev.tidemark.apply.LinkIdentity;
import dev.tidemark.apply.NodeWriter;
import dev.tidemark.apply.OwnerIds;
import dev.tidemark.apply.TargetDirectory;
import dev.tidemark.filesystem.entry.Listing;
import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.FileType;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Finds what others changed in a standby's directory while its mirror does not run: compares each
 * entry with what was applied there, and with the signature that it was left with. A file with
 * another signature is read and hashed; one with an equal signature has not been written to since.
 * Changes nothing; if anything is found the mirror mends it at its next start.
 *
 * <p>Memory: the names of the directories on one path. For one thread.
 */
public final class DriftCheck {
  private static final FrameSource NO_FRAMES = _ -> Map.of();

  private final TargetDirectory target;
  private final MirrorState state;
  private final ExistingCheck existing;
  private final Listener listener;
  private final Unchanged unchanged;
  private long entries;
  private long drifted;

  /** In what an entry is not as it was applied. */
  public enum Kind {
    /** It is gone. */
    MISSING,
    /** Nothing was applied there. */
    EXTRA,
    /** It is of another type. */
    TYPE,
    /** Other bytes, target, device numbers or time; or a large file that was written to. */
    CONTENT,
    /** Other owner, mode or attributes; of a directory also its time. */
    METADATA,
    /** It is no longer the same inode as its other names. */
    LINKS
  }

  /** Hears of each entry that is not as it was applied; of what is below a missing one, nothing. */
  public interface Listener {
    void drifted(NodePath path, Kind kind);
  }

  /**
   * What was found.
   *
   * @param sequence up to which all was applied
   * @param entries that were compared
   * @param drifted of which the listener was told
   */
  public record Report(long sequence, long entries, long drifted) {}

  /** Hears of each file that is as it was left by its signature. */
  interface Unchanged {
    Unchanged IGNORED = (_, _, _) -> {};

    void found(NodePath path, Node.File file, Signature signature);
  }

  DriftCheck(TargetDirectory target, MirrorState state, OwnerIds owners, Listener listener)
      throws IOException {
    this(target, state, owners, listener, Unchanged.IGNORED);
  }

  DriftCheck(
      TargetDirectory target,
      MirrorState state,
      OwnerIds owners,
      Listener listener,
      Unchanged unchanged)
      throws IOException {
    this.unchanged = unchanged;
    NodeWriter writer = target.writer(owners);
    this.target = target;
    this.state = state;
    this.existing = writer.existing();
    this.listener = listener;
  }

  /**
   * Compares all of a standby's directory once.
   *
   * @param stateFolder that of the mirror
   * @param owners as the mirror has them
   * @throws dev.tidemark.filesystem.entry.EntryStoreLockedException if the mirror runs
   * @throws IOException if it never completed a beginning there
   */
  public static Report run(Path target, Path stateFolder, OwnerIds owners, Listener listener)
      throws IOException {
    return runOn(target, stateFolder.resolve("entries"), owners, listener);
  }

  static Report runOn(Path target, Path entries, OwnerIds owners, Listener listener)
      throws IOException {
    try (MirrorState state = MirrorState.open(entries)) {
      long sequence =
          state
              .cursor()
              .orElseThrow(
                  () ->
                      new IOException(
                          "Nothing was applied to %s by the state in %s: start the mirror first, or name its data folder with --data."
                              .formatted(target, entries)))
              .sequence();
      try (TargetDirectory directory = TargetDirectory.open(target)) {
        DriftCheck check = new DriftCheck(directory, state, owners, listener);
        check.walk();
        if (check.drifted > 0) {
          state.notes().noteDrift();
        }
        return new Report(sequence, check.entries, check.drifted);
      }
    }
  }

  /** A directory that stands in the target, whose entries are being compared. */
  private record Level(NodePath path, Descriptor open, Listing applied, Set<Bytes> names)
      implements AutoCloseable {
    @Override
    public void close() throws IOException {
      try (applied;
          open) {
        // In the reverse order of opening.
      }
    }
  }

  private void walk() throws IOException {
    Deque<Level> levels = new ArrayDeque<>();
    try {
      Optional<StateEntry> root = state.find(MirrorState.ROOT_PARENT, MirrorState.ROOT_NAME);
      Descriptor open = LinuxFiles.openDirectory(target.root(), MirrorState.ROOT_NAME);
      levels.push(level(NodePath.ROOT, open, MirrorState.ROOT_ID));
      if (root.isPresent()) {
        entries++;
        checkRoot(root.get());
      }
      while (!levels.isEmpty()) {
        Level level = levels.element();
        if (level.applied().next()) {
          byte[] name = level.applied().name();
          OptionalLong below = look(level, name, StateEntry.decode(level.applied().value()));
          if (below.isPresent()) {
            Descriptor directory = LinuxFiles.openDirectory(level.open(), name);
            levels.push(level(level.path().child(name), directory, below.getAsLong()));
          }
        } else {
          tellExtra(level);
          levels.pop().close();
        }
      }
    } finally {
      while (!levels.isEmpty()) {
        levels.pop().close();
      }
    }
  }

  private void tellExtra(Level level) {
    for (Bytes extra : level.names()) {
      NodePath path = level.path().child(extra.toArray());
      if (!state.blocked().covers(path)) {
        tell(path, Kind.EXTRA);
      }
    }
  }

  /**
   * Compares what is in one directory, by the thread that owns target and state while it has
   * nothing pending.
   *
   * @return the directories in it, to be compared in turn; none if it is not there any more
   */
  List<NodePath> checkEntriesOf(NodePath path) throws IOException {
    Optional<MirrorState.Place> place = state.placeOf(path);
    Optional<StateEntry> directory = place.isEmpty() ? Optional.empty() : state.find(place.get());
    if (directory.filter(StateEntry::isDirectory).isEmpty()) {
      return List.of();
    }
    Descriptor open;
    try {
      open = target.openDirectory(path);
    } catch (SystemCallException e) {
      // Told with what is in the directory above.
      return List.of();
    }
    List<NodePath> below = new ArrayList<>();
    try (Level level = level(path, open, directory.get().directoryId())) {
      while (level.applied().next()) {
        byte[] name = level.applied().name();
        if (look(level, name, StateEntry.decode(level.applied().value())).isPresent()) {
          below.add(path.child(name));
        }
      }
      tellExtra(level);
    }
    return below;
  }

  /**
   * Compares some names of a directory, by the same thread.
   *
   * @param names each with whether it was only made, so that its writer may be at work still
   */
  void checkNames(NodePath directory, long id, Map<Bytes, Boolean> names) throws IOException {
    try (Descriptor open = target.openDirectory(directory)) {
      for (Map.Entry<Bytes, Boolean> heard : names.entrySet()) {
        byte[] name = heard.getKey().toArray();
        NodePath path = directory.child(name);
        Optional<StateEntry> entry = state.find(id, name);
        if (entry.isPresent() && !isNothing(path, entry.get())) {
          compare(open, name, path, entry.get());
        } else if (!state.blocked().covers(path) && isExtra(open, name, heard.getValue())) {
          tell(path, Kind.EXTRA);
        }
      }
    } catch (SystemCallException e) {
      switch (e.errno()) {
        case ENOENT, ENOTDIR, ELOOP -> {
          // Told with what is in the directory above.
        }
        default -> throw e;
      }
    }
  }

  private static boolean isExtra(Descriptor open, byte[] name, boolean onlyMade)
      throws IOException {
    Optional<FileStatus> is = LinuxFiles.findStatus(open, name);
    boolean isBeingWritten =
        onlyMade && is.isPresent() && is.get().type() == FileType.REGULAR && is.get().links() == 1;
    return is.isPresent() && !isBeingWritten;
  }

  /** How many entries were compared so far. */
  long entries() {
    return entries;
  }

  private void checkRoot(StateEntry root) throws IOException {
    FileStatus is = LinuxFiles.status(target.root());
    boolean sameTime =
        is.mtimeSeconds() == root.node().metadata().mtime().seconds()
            && is.mtimeNanos() == root.node().metadata().mtime().nanos();
    if (!sameTime || is.permissions() != root.node().metadata().mode()) {
      tell(NodePath.ROOT, Kind.METADATA);
    }
  }

  private Level level(NodePath path, Descriptor open, long id) throws IOException {
    Set<Bytes> names = new HashSet<>();
    LinuxFiles.forEachEntry(
        open,
        entry -> {
          if (!path.isRoot() || !target.isReserved(entry.name())) {
            names.add(Bytes.of(entry.name()));
          }
        });
    return new Level(path, open, state.list(id), names);
  }

  /** Compares one entry; gives the id of a directory that stands where one was applied. */
  private OptionalLong look(Level level, byte[] name, StateEntry stored) throws IOException {
    NodePath path = level.path().child(name);
    StateEntry entry = state.links().refreshed(stored);
    if (isNothing(path, entry)) {
      // If something stands there it is left among the extra names.
      return OptionalLong.empty();
    }
    level.names().remove(Bytes.of(name));
    return compare(level.open(), name, path, entry);
  }

  /** Whether nothing stands in the target of an entry. */
  private boolean isNothing(NodePath path, StateEntry entry) {
    return entry.isUnmade() || !state.notes().subset().holds(path, entry.node());
  }

  private OptionalLong compare(Descriptor open, byte[] name, NodePath path, StateEntry entry)
      throws IOException {
    entries++;
    if (state.blocked().covers(path)) {
      // It waits until it may be changed, and is told of as such.
      return OptionalLong.empty();
    }
    Optional<FileStatus> is = LinuxFiles.findStatus(open, name);
    if (is.isEmpty()) {
      tell(path, Kind.MISSING);
      return OptionalLong.empty();
    }
    if (!entry.isDirectory()) {
      checkLeaf(open, name, path, entry, is.get());
      return OptionalLong.empty();
    }
    if (is.get().type() != FileType.DIRECTORY) {
      tell(path, Kind.TYPE);
      return OptionalLong.empty();
    }
    if (existing.compare(open, name, entry.node(), is.get()) != Difference.NONE) {
      tell(path, Kind.METADATA);
    }
    return OptionalLong.of(entry.directoryId());
  }

  private void checkLeaf(
      Descriptor parent, byte[] name, NodePath path, StateEntry entry, FileStatus is)
      throws IOException {
    if (is.type() == FileType.DIRECTORY || !isOfType(entry.node(), is)) {
      tell(path, Kind.TYPE);
      return;
    }
    switch (existing.compare(parent, name, entry.node(), is)) {
      case CONTENT -> tell(path, Kind.CONTENT);
      case METADATA -> tell(path, Kind.METADATA);
      case NONE -> {
        if (Signature.of(is).equals(entry.signature())) {
          if (entry.node() instanceof Node.File file) {
            unchanged.found(path, file, entry.signature());
          }
          return;
        }
        if (entry.node() instanceof Node.File file && !holdsItsBytes(parent, name, file)) {
          tell(path, Kind.CONTENT);
        } else if (LinkIdentity.isShared(entry.node()) && is.inode() != entry.signature().inode()) {
          tell(path, Kind.LINKS);
        }
      }
    }
  }

  private static boolean isOfType(Node node, FileStatus is) {
    return switch (node) {
      case Node.File _ -> is.type() == FileType.REGULAR;
      case Node.Symlink _ -> is.type() == FileType.SYMLINK;
      case Node.Fifo _ -> is.type() == FileType.FIFO;
      case Node.Device _ ->
          is.type() == FileType.BLOCK_DEVICE || is.type() == FileType.CHARACTER_DEVICE;
      case Node.Directory _ -> is.type() == FileType.DIRECTORY;
    };
  }

  /** The list of a large file's chunks is not here: it is not proved, and read by the mirror. */
  private boolean holdsItsBytes(Descriptor parent, byte[] name, Node.File file) throws IOException {
    boolean isListedElsewhere =
        file.content().extents().stream().anyMatch(Extent.Nested.class::isInstance);
    return !isListedElsewhere && existing.hasContent(parent, name, file, NO_FRAMES);
  }

  private void tell(NodePath path, Kind kind) {
    drifted++;
    listener.drifted(path, kind);
  }
}
