package dev.tidemark.watcher;

import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.watcher.MaxRemovals.RootState;
import dev.tidemark.watcher.dirty.Directory;
import dev.tidemark.watcher.dirty.DirectoryTable;
import dev.tidemark.watcher.read.Findings;
import dev.tidemark.watcher.read.Findings.Difference;
import dev.tidemark.watcher.state.Name;
import java.util.ArrayList;
import java.util.List;

/**
 * What a pass has found gone. It is held back until the whole tree is listed, and judged as a
 * whole: a root that is not mounted looks as if everything had been deleted. Owned by the keeper.
 *
 * <p>Held are names, of a directory only its own, whatever was below it: at most as many as a pass
 * may find gone are ever looked at, and as many as there are in the worst case held.
 */
final class FoundGone {
  /**
   * An entry that seems to be gone.
   *
   * @param bits of {@link dev.tidemark.watcher.dirty.Mark}
   */
  record Entry(Directory directory, Name name, int bits) {}

  private final WatcherConfig config;
  private List<Entry> entries = new ArrayList<>();
  private long gone;
  private long recorded;
  private long listedInRoot;
  private String example = "";

  FoundGone(WatcherConfig config) {
    this.config = config;
  }

  /** A pass begins. */
  void begin() {
    entries = new ArrayList<>();
    gone = 0;
    recorded = 0;
    listedInRoot = 0;
    example = "";
  }

  /** Counts what was compared. */
  void compared(Directory directory, Findings findings) {
    recorded += findings.recorded();
    if (directory.isRoot()) {
      listedInRoot += findings.listed();
    }
  }

  /** Holds an entry back. */
  void hold(Directory directory, Difference difference, int moreBits) {
    entries.add(new Entry(directory, difference.name(), difference.bits() | moreBits));
    gone += difference.gone();
    // Of a directory that is gone, only its own name was compared.
    recorded += difference.gone() - 1;
    if (example.isEmpty()) {
      example = DirectoryTable.pathOf(directory, difference.name()).toString();
    }
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /**
   * Gives out what is held, to be looked at.
   *
   * @throws WatcherRefusedException if it is more than may go
   */
  List<Entry> release() throws WatcherRefusedException {
    RootState root = listedInRoot == 0 ? RootState.EMPTY : RootState.IN_USE;
    require(config, gone, recorded, root, example);
    List<Entry> released = entries;
    entries = new ArrayList<>();
    return released;
  }

  /** Refuses if so much may not go. */
  static void require(WatcherConfig config, long gone, long of, RootState root, String example)
      throws WatcherRefusedException {
    MaxRemovals max = config.control().maxRemovals();
    if (max.allows(gone, of, root)) {
      return;
    }
    throw new WatcherRefusedException(
        ("tree %s: %,d of %,d published entries are gone from %s%s, more than --max-removals allows"
                + " (%s); nothing of that was removed from the tree. If a filesystem is not mounted"
                + " or the directory is the wrong one, mend that and start again. If they are meant"
                + " to be gone, start once with --max-removals %d.")
            .formatted(
                config.tree(),
                gone,
                of,
                config.root(),
                example.isEmpty() ? "" : ", for example " + example,
                max,
                gone));
  }

  /** For messages: the path of an entry of the root. */
  static String inRoot(Name name) {
    return NodePath.ROOT.child(name.bytes()).toString();
  }
}
