package dev.tidemark.watcher;

import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.FileType;
import dev.tidemark.schemas.change.Change.Cause;
import dev.tidemark.watcher.dirty.Directory;
import dev.tidemark.watcher.dirty.DirectoryTable;
import dev.tidemark.watcher.dirty.Mark;
import dev.tidemark.watcher.state.EntryKey;
import dev.tidemark.watcher.state.EntryRecord;
import dev.tidemark.watcher.state.Name;
import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Puts the halves of renames together. Events say where to look, not what is there: a move is
 * published only if what stands at the new name is what was published under the old one; else both
 * names are looked at. Owned by the keeper.
 */
final class Renames {
  /** The other half of a rename follows at once, but a read of the queue may end between them. */
  private static final long PARTNER_NANOS = 10_000_000;

  private final LiveTree tree;
  private final HandOver handOver;
  private final Passes passes;
  private final Map<Integer, Left> left = new LinkedHashMap<>();

  private record Left(Directory directory, Name name, long due) {}

  Renames(LiveTree tree, HandOver handOver, Passes passes) {
    this.tree = tree;
    this.handOver = handOver;
    this.passes = passes;
  }

  /** An entry has left a name, for another one of the tree or for elsewhere. */
  void from(Directory directory, Name name, int cookie, long now) {
    left.put(cookie, new Left(directory, name, now + PARTNER_NANOS));
    tree.touched(directory, now);
  }

  /** An entry has come to a name. */
  void to(Directory directory, Name name, int cookie, long now) throws IOException {
    tree.touched(directory, now);
    Left from = left.remove(cookie);
    if (from == null || from.directory().isGone() || from.directory().isDetached()) {
      arrived(directory, name, now);
    } else {
      pair(from.directory(), from.name(), directory, name, now);
    }
  }

  private void arrived(Directory directory, Name name, long now) {
    tree.dirty.now(directory, name, Mark.DATA | Mark.META, Cause.LIVE, now);
  }

  /** When the next half is given up. */
  long nextDue() {
    return left.isEmpty() ? Long.MAX_VALUE : left.values().iterator().next().due();
  }

  /** What found no partner has left the tree. */
  void expire(long now) throws IOException {
    Iterator<Left> oldest = left.values().iterator();
    while (oldest.hasNext()) {
      Left from = oldest.next();
      if (from.due() > now) {
        return;
      }
      oldest.remove();
      gone(from);
    }
  }

  /** Events were lost: partners may be among them. */
  void expireAll() throws IOException {
    for (Left from : left.values()) {
      gone(from);
    }
    left.clear();
  }

  private void gone(Left from) throws IOException {
    if (from.directory().isGone()) {
      return;
    }
    Optional<Directory> child = from.directory().child(from.name());
    if (child.isPresent()) {
      // It keeps reporting from outside under its old watch.
      tree.detach(child.get());
    }
    arrived(from.directory(), from.name(), from.due());
  }

  private void pair(Directory one, Name from, Directory other, Name to, long now)
      throws IOException {
    Optional<EntryRecord> source = tree.published(one, from);
    Optional<FileStatus> atTo = tree.statusOf(other, to);
    Optional<FileStatus> atFrom = tree.statusOf(one, from);
    boolean possible =
        source.isPresent()
            && atTo.isPresent()
            && isSame(source.get(), atTo.get())
            && isMovable(one, from, source.get(), other, to);
    if (!possible) {
      lookAtBoth(one, from, atFrom, other, to, atTo, now);
      return;
    }
    Optional<EntryRecord> target = tree.published(other, to);
    if (atFrom.isEmpty()) {
      move(one, from, other, to, now);
    } else if (target.isPresent()
        && isSame(target.get(), atFrom.get())
        && isMovable(other, to, target.get(), one, from)) {
      exchange(one, from, other, to, now);
    } else if (!isSame(source.get(), atFrom.get())) {
      move(one, from, other, to, now);
    } else {
      // Two names of one inode: such a rename does nothing and leaves both.
      lookAtBoth(one, from, atFrom, other, to, atTo, now);
    }
  }

  private static boolean isSame(EntryRecord record, FileStatus status) {
    return record.signature().inode() == status.inode()
        && record.isDirectory() == (status.type() == FileType.DIRECTORY);
  }

  private boolean isMovable(
      Directory at, Name name, EntryRecord record, Directory to, Name newName) {
    if (passes.isFullScanOpen() || !handOver.isOpenForMoves()) {
      return false;
    }
    if (!record.isDirectory()) {
      return true;
    }
    if (tree.filter.isAboutPaths()
        && !tree.filter.isSameBelow(
            DirectoryTable.pathOf(at, name).bytes(), DirectoryTable.pathOf(to, newName).bytes())) {
      // Entries below would come and go with it, which one move cannot say.
      return false;
    }
    // A directory that the scan of the start has not come to would be passed over at its new place.
    Optional<Directory> child = at.child(name);
    return child.isPresent()
        && child.get().id() == record.directoryId()
        && !child.get().isDetached()
        && !tree.table.isBelow(to, child.get());
  }

  private void move(Directory one, Name from, Directory other, Name to, long now)
      throws IOException {
    EntryKey fromKey = new EntryKey(one.id(), from);
    EntryKey toKey = new EntryKey(other.id(), to);
    Optional<Directory> moved = one.child(from);
    Optional<EntryRecord> replaced = tree.published(other, to);
    int passOfTo = passOf(other, to);
    int bits = tree.dirty.drop(other, to) & Mark.DOUBT;
    int passOfFrom = passOf(one, from);
    bits |= tree.dirty.drop(one, from);
    handOver.move(
        DirectoryTable.pathOf(one, from), fromKey, DirectoryTable.pathOf(other, to), toKey);
    passes.dropped(tree.forgetBelow(other, to, replaced));
    moved.ifPresent(directory -> tree.table.move(directory, other, to));
    remark(other, to, bits | Mark.META, Math.max(passOfFrom, passOfTo), now);
    // Something may have been made in its old place meanwhile. If it is being written, as an
    // editor does, its close tells; the event of its making may have been merged into an older one.
    Mark left = tree.dirty.whenQuiet(one, from, Mark.META | bits & Mark.DOUBT, Cause.LIVE, now);
    waitedFor(left, passOfFrom);
  }

  private void exchange(Directory one, Name from, Directory other, Name to, long now)
      throws IOException {
    int passOfTo = passOf(other, to);
    int bitsOfTo = tree.dirty.drop(other, to);
    int passOfFrom = passOf(one, from);
    int bitsOfFrom = tree.dirty.drop(one, from);
    handOver.exchange(
        DirectoryTable.pathOf(one, from),
        new EntryKey(one.id(), from),
        DirectoryTable.pathOf(other, to),
        new EntryKey(other.id(), to));
    tree.table.exchange(one, from, other, to);
    remark(other, to, bitsOfFrom | Mark.META, passOfFrom, now);
    remark(one, from, bitsOfTo | Mark.META, passOfTo, now);
  }

  private int passOf(Directory directory, Name name) {
    return tree.dirty.find(directory, name).map(Mark::pass).orElse(0);
  }

  private void remark(Directory directory, Name name, int bits, int pass, long now) {
    waitedFor(tree.dirty.now(directory, name, bits, Cause.LIVE, now), pass);
  }

  private void waitedFor(Mark mark, int pass) {
    if (pass != 0 && pass == passes.current()) {
      tree.dirty.waitedFor(mark, pass);
    }
  }

  private void lookAtBoth(
      Directory one,
      Name from,
      Optional<FileStatus> atFrom,
      Directory other,
      Name to,
      Optional<FileStatus> atTo,
      long now)
      throws IOException {
    detachUnlessThere(one, from, atFrom);
    detachUnlessThere(other, to, atTo);
    tree.dirty.now(one, from, Mark.META | Mark.DATA, Cause.LIVE, now);
    tree.dirty.now(other, to, Mark.META | Mark.DATA, Cause.LIVE, now);
  }

  private void detachUnlessThere(Directory directory, Name name, Optional<FileStatus> status)
      throws IOException {
    Optional<Directory> child = directory.child(name);
    if (child.isPresent() && (status.isEmpty() || status.get().inode() != child.get().inode())) {
      tree.detach(child.get());
    }
  }
}
