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

  private final LiveTree tree;
  private final Passes passes;
  private final Map<Long, ChunkId> told = new Told();

  LinkGroups(LiveTree tree, Passes passes) {
    this.tree = tree;
    this.passes = passes;
  }

  private static final class Told extends LinkedHashMap<Long, ChunkId> {
    private static final long serialVersionUID = 1L;

    @Override
    protected boolean removeEldestEntry(Map.Entry<Long, ChunkId> eldest) {
      return size() > REMEMBERED;
    }
  }

  /** A name has been published: the other names that are not like it are marked. */
  void published(Mark mark, Found found, long now) throws IOException {
    Node node = found.node();
    long inode = found.signature().inode();
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

  /** Notes whether the tree has all names of an inode, as far as they are published. */
  void count(Found found, boolean wasLinked) throws IOException {
    long inode = found.signature().inode();
    if (found.seen().links() > 1) {
      int wanted = (int) Math.min(found.seen().links(), COUNTED);
      boolean all =
          found.seen().links() <= COUNTED && tree.published.namesOf(inode, wanted).size() == wanted;
      if (all) {
        tree.published.clearForeignNames(inode);
      } else {
        tree.published.noteForeignNames(inode);
      }
    } else if (wasLinked) {
      tree.published.clearForeignNames(inode);
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
