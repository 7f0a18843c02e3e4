package dev.tidemark.mirror;

import dev.tidemark.filesystem.entry.Listing;
import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.FileType;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NativePath;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.cursor.Cursor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a mirror has applied to its target, and with which signatures it left it; to be read when
 * the mirror is closed. For one thread.
 */
public final class AppliedTree implements AutoCloseable {
  private final MirrorState state;
  private final Descriptor root;

  private AppliedTree(MirrorState state, Descriptor root) {
    this.state = state;
    this.root = root;
  }

  /**
   * Opens what the mirror of this configuration has left.
   *
   * @throws dev.tidemark.filesystem.entry.EntryStoreLockedException if it still runs
   */
  public static AppliedTree open(MirrorConfig config) throws IOException {
    MirrorState state = MirrorState.open(config.stateFolder().resolve("entries"));
    try {
      return new AppliedTree(state, LinuxFiles.openRoot(NativePath.of(config.target())));
    } catch (IOException | RuntimeException e) {
      state.close();
      throw e;
    }
  }

  /**
   * Sees to it that no part of a tree alone stands in the target, which is no place to write the
   * tree from.
   *
   * @throws MirrorRefusedException if one does
   * @throws dev.tidemark.filesystem.entry.EntryStoreLockedException if its mirror runs
   */
  public static void requireAll(MirrorConfig config) throws IOException {
    Path entries = config.stateFolder().resolve("entries");
    if (!Files.isDirectory(entries)) {
      return;
    }
    try (MirrorState state = MirrorState.open(entries)) {
      if (!state.notes().subset().isAll() || state.notes().isSubsetChanging()) {
        throw new MirrorRefusedException(
            ("The standby in %s holds a part of tree %s only (%s), and cannot become its writer."
                    + " Run `tidemark mirror` without --path on it until it follows; or give the"
                    + " member another data folder and an empty directory.")
                .formatted(config.target(), config.tree(), state.notes().subset()));
      }
    }
  }

  /** Forgets what was applied; nothing of the target is touched. */
  public static void discard(MirrorConfig config) throws IOException {
    Path entries = config.stateFolder().resolve("entries");
    if (Files.isDirectory(entries)) {
      // Opened first: a mirror that works with it must notice, not lose it.
      MirrorState.open(entries).close();
      try (Stream<Path> files = Files.walk(entries)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /** Up to where all is applied; empty before a bootstrap has completed. */
  public Optional<Cursor> cursor() {
    return state.cursor();
  }

  /**
   * Sees to it that this is the tree at the end of all that lies before an offset, and that the
   * target shows it.
   *
   * @throws IOException if it is not
   */
  public void requireWhole(long offset) throws IOException {
    Optional<Cursor> cursor = state.cursor();
    if (cursor.isEmpty()
        || cursor.get().nextOffset() <= offset
        || state.notes().hold().isPresent()) {
      throw new IOException(
          "The standby was told to stand elsewhere meanwhile; run `tidemark resume`.");
    }
    if (!state.notes().subset().isAll() || state.notes().isSubsetChanging()) {
      throw new IOException(
          "This standby holds a part of the tree only (%s). Let `tidemark mirror` follow without --path first."
              .formatted(state.notes().subset()));
    }
    if (!state.blocked().isEmpty()) {
      throw new IOException(
          "%d paths wait, since what stands there is immutable or append-only: %s. Take the flag off."
              .formatted(state.blocked().all().size(), state.blocked().all().getFirst()));
    }
  }

  /** Hears of every entry: a directory before what is in it. */
  public interface Listener {
    /**
     * @param parent what this answered for the directory that it is in; 0 for the root
     * @param name empty for the root
     * @param inode of the directory that stands there; 0 if none does
     * @return by what its entries shall name it
     */
    long directory(long parent, byte[] name, Node.Directory node, long inode) throws IOException;

    /**
     * @param inode with {@code changed} the signature with which it was left; both 0 for what could
     *     not be made on this host
     */
    void entry(long parent, byte[] name, Node node, long inode, FileTime changed)
        throws IOException;
  }

  /**
   * @param open empty where no directory stands, whatever was applied
   */
  private record Level(Listing entries, long id, @Nullable Descriptor open)
      implements AutoCloseable {
    @Override
    public void close() throws IOException {
      entries.close();
      if (open != null) {
        open.close();
      }
    }
  }

  /** Tells of all entries; of none if nothing was applied. */
  public void tell(Listener listener) throws IOException {
    Optional<StateEntry> top = state.find(MirrorState.ROOT_PARENT, MirrorState.ROOT_NAME);
    if (top.isEmpty() || !(top.get().node() instanceof Node.Directory node)) {
      return;
    }
    Deque<Level> levels = new ArrayDeque<>();
    try {
      long id = listener.directory(0, new byte[0], node, LinuxFiles.status(root).inode());
      levels.push(
          new Level(
              state.list(MirrorState.ROOT_ID), id, LinuxFiles.openDirectory(root, new byte[0])));
      while (!levels.isEmpty()) {
        Level level = levels.element();
        if (level.entries().next()) {
          tell(level, StateEntry.decode(level.entries().value()), levels, listener);
        } else {
          levels.pop().close();
        }
      }
    } finally {
      while (!levels.isEmpty()) {
        levels.pop().close();
      }
    }
  }

  private void tell(Level level, StateEntry stored, Deque<Level> levels, Listener listener)
      throws IOException {
    byte[] name = level.entries().name();
    StateEntry entry = state.links().refreshed(stored);
    if (entry.node() instanceof Node.Directory node) {
      Descriptor open = open(level, name);
      long inode = open == null ? 0 : LinuxFiles.status(open).inode();
      long id = listener.directory(level.id(), name, node, inode);
      levels.push(new Level(state.list(entry.directoryId()), id, open));
      return;
    }
    Signature left = entry.signature();
    listener.entry(
        level.id(),
        name,
        entry.node(),
        left.inode(),
        new FileTime(left.ctimeSeconds(), left.ctimeNanos()));
  }

  private static @Nullable Descriptor open(Level level, byte[] name) throws IOException {
    Descriptor parent = level.open();
    if (parent == null) {
      return null;
    }
    Optional<FileStatus> is = LinuxFiles.findStatus(parent, name);
    return is.isPresent() && is.get().type() == FileType.DIRECTORY
        ? LinuxFiles.openDirectory(parent, name)
        : null;
  }

  @Override
  public void close() throws IOException {
    try (state;
        root) {
      // In the reverse order of opening.
    }
  }
}
