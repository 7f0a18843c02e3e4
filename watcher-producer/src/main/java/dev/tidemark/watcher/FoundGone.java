package dev.tidemark.watcher;

import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.watcher.MaxRemovals.RootState;
import dev.tidemark.watcher.dirty.Directory;
import dev.tidemark.watcher.dirty.DirectoryTable;
import dev.tidemark.watcher.read.Findings;
import dev.tidemark.watcher.read.Findings.Difference;
import dev.tidemark.watcher.state.Name;
import java.io.IOException;
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
   * @param gone entries that go with it, itself counted
   */
  record Entry(Directory directory, Name name, int bits, long gone) {}

  private final WatcherConfig config;
  private List<Entry> entries = new ArrayList<>();
  private long released;
  private long recorded;
  private long recordedInRoot;
  private long listedInRoot;

  FoundGone(WatcherConfig config) {
    this.config = config;
  }

  /** A pass begins. */
  void begin() {
    entries = new ArrayList<>();
    released = 0;
    recorded = 0;
    recordedInRoot = 0;
    listedInRoot = 0;
  }

  /** Counts what was compared. */
  void compared(Directory directory, Findings findings) {
    recorded += findings.recorded();
    if (directory.isRoot()) {
      recordedInRoot += findings.recorded();
      listedInRoot += findings.listed();
    }
  }

  /** Holds an entry back. */
  void hold(Directory directory, Difference difference, int moreBits) {
    entries.add(
        new Entry(directory, difference.name(), difference.bits() | moreBits, difference.gone()));
    // Of a directory that is gone, only its own name was compared.
    recorded += difference.gone() - 1;
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /**
   * Gives out what is held, to be looked at.
   *
   * @param published the tree as handed over by now: what events have taken out of it meanwhile is
   *     neither held nor counted any more
   * @throws WatcherRefusedException if it is more than may go
   */
  List<Entry> release(LiveTree published) throws IOException {
    List<Entry> left = new ArrayList<>();
    for (Entry entry : entries) {
      if (!entry.directory().isGone()
          && published.published(entry.directory(), entry.name()).isPresent()) {
        left.add(entry);
        released += entry.gone();
      }
    }
    entries = new ArrayList<>();
    if (!left.isEmpty()) {
      Entry first = left.getFirst();
      boolean isEmpty = recordedInRoot > 0 && listedInRoot == 0;
      require(
          config,
          released,
          recorded,
          isEmpty ? RootState.EMPTY : RootState.IN_USE,
          DirectoryTable.pathOf(first.directory(), first.name()).toString());
    }
    return left;
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
