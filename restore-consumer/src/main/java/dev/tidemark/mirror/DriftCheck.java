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
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
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

  private DriftCheck(TargetDirectory target, MirrorState state, OwnerIds owners, Listener listener)
      throws IOException {
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
          state.noteDrift();
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
          look(level, StateEntry.decode(level.applied().value()), levels);
        } else {
          for (Bytes extra : level.names()) {
            tell(level.path().child(extra.toArray()), Kind.EXTRA);
          }
          levels.pop().close();
        }
      }
    } finally {
      while (!levels.isEmpty()) {
        levels.pop().close();
      }
    }
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

  private void look(Level level, StateEntry stored, Deque<Level> levels) throws IOException {
    byte[] name = level.applied().name();
    NodePath path = level.path().child(name);
    StateEntry entry = state.links().refreshed(stored);
    if (entry.isUnmade()) {
      // Nothing stands there; if something does it is left among the extra names.
      return;
    }
    entries++;
    level.names().remove(Bytes.of(name));
    Optional<FileStatus> is = LinuxFiles.findStatus(level.open(), name);
    if (is.isEmpty()) {
      tell(path, Kind.MISSING);
      return;
    }
    if (entry.isDirectory()) {
      if (is.get().type() != FileType.DIRECTORY) {
        tell(path, Kind.TYPE);
        return;
      }
      if (existing.compare(level.open(), name, entry.node(), is.get()) != Difference.NONE) {
        tell(path, Kind.METADATA);
      }
      levels.push(level(path, LinuxFiles.openDirectory(level.open(), name), entry.directoryId()));
      return;
    }
    checkLeaf(level.open(), name, path, entry, is.get());
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
