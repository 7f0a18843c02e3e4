package dev.tidemark.watcher;

import dev.tidemark.schemas.change.Change.Cause;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.watcher.dirty.Directory;
import dev.tidemark.watcher.dirty.Mark;
import dev.tidemark.watcher.read.Inspected.Found;
import dev.tidemark.watcher.state.EntryKey;
import dev.tidemark.watcher.state.EntryRecord;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Sees to it that all names of one inode are published alike. What is done through one name makes
 * an event of that name alone (inotify(7)): the others are looked at for it. Owned by the keeper.
 */
final class LinkGroups {
  /** Inodes of which is remembered what their names were last marked for. */
  private static final int REMEMBERED = 10_000;

  /** Names counted to see whether the tree has all; an inode with more is taken not to. */
  private static final int COUNTED = 64;

  /**
   * A name that is not known may be one that is still to be looked at, or that has come and gone
   * since, of which no event tells: the inode is looked at so often again.
   */
  private static final int LOOKS = 4;

  private static final long FIRST_LOOK_NANOS = 100_000_000;

  /** With more to look at than this, unknown names may be among it. */
  private static final int BACKLOG = 1_000;

  private final LiveTree tree;
  private final Passes passes;
  private final Map<Long, ChunkId> told = new Remembered<>();
  private final Map<Long, Integer> looks = new Remembered<>();

  LinkGroups(LiveTree tree, Passes passes) {
    this.tree = tree;
    this.passes = passes;
  }

  private static final class Remembered<T> extends LinkedHashMap<Long, T> {
    private static final long serialVersionUID = 1L;

    @Override
    protected boolean removeEldestEntry(Map.Entry<Long, T> eldest) {
      return size() > REMEMBERED;
    }
  }

  /** A name has been published: the other names that are not like it are marked. */
  void published(Mark mark, Found found, long now) throws IOException {
    Node node = found.node();
    long inode = found.signature().inode();
    looks.remove(inode);
    if (node.metadata().linkGroup() == 0) {
      told.remove(inode);
      return;
    }
    ChunkId id = identity(node);
    if (id.equals(told.put(inode, id))) {
      // All names known then were marked then, and what has come since is looked at by itself.
      return;
    }
    for (EntryKey key : tree.published.namesOf(inode, Integer.MAX_VALUE)) {
      Optional<EntryRecord> peer =
          key.equals(mark.key()) ? Optional.empty() : tree.published.find(key);
      if (peer.isPresent() && !Sameness.of(peer.get().node(), node)) {
        boolean sameBytes = Sameness.ofBytes(peer.get().node(), node);
        this.mark(key, Mark.META | (sameBytes ? 0 : Mark.DATA), mark.cause(), mark.pass(), now);
      }
    }
  }

  /** By which nodes are told apart: positions of frames are no part of it. */
  private static ChunkId identity(Node node) {
    return ChunkId.computeOf(Records.encode(Sameness.withoutPositions(node)));
  }

  /** Notes whether the tree has all names of an inode; called before the mark is done. */
  void count(Mark mark, Found found, boolean wasLinked, long now) throws IOException {
    long inode = found.signature().inode();
    long links = found.seen().links();
    if (found.node().metadata().linkGroup() == 0) {
      if (wasLinked) {
        tree.published.clearForeignNames(inode);
      }
      return;
    }
    int known = tree.published.namesOf(inode, (int) Math.min(links, COUNTED)).size();
    if (known == links) {
      looks.remove(inode);
      tree.published.clearForeignNames(inode);
      return;
    }
    tree.published.noteForeignNames(inode);
    int look = looks.getOrDefault(inode, 0);
    if (known < links && look < LOOKS) {
      looks.put(inode, tree.dirty.size() > BACKLOG ? look : look + 1);
      tree.dirty.at(
          mark.directory(),
          mark.name(),
          Mark.META,
          Cause.LIVE,
          now,
          now + (FIRST_LOOK_NANOS << look));
    }
  }

  /** Where names have gone and one is left, it may be an only one now. */
  void lookAtRest(long now) throws IOException {
    for (long inode : tree.published.takeLeftInodes()) {
      told.remove(inode);
      Set<EntryKey> left = tree.published.namesOf(inode, 2);
      if (left.size() == 1) {
        mark(left.iterator().next(), Mark.META, Cause.LIVE, 0, now);
      }
    }
  }

  private void mark(EntryKey key, int bits, Cause cause, int pass, long now) {
    Optional<Directory> directory = tree.table.find(key.directory());
    if (directory.isEmpty() || directory.get().isDetached()) {
      // A scan that has yet to come there sees that the change time is another one.
      return;
    }
    if (tree.dirty.isFull() && tree.dirty.find(directory.get(), key.name()).isEmpty()) {
      passes.schedule(directory.get(), pass);
      return;
    }
    Mark peer = tree.dirty.now(directory.get(), key.name(), bits, cause, now);
    if (pass != 0 && pass == passes.current()) {
      tree.dirty.waitedFor(peer, pass);
    }
  }
}
