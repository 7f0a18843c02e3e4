package dev.tidemark.watcher;

import dev.tidemark.filesystem.linux.WatchMask;
import dev.tidemark.schemas.change.Change.Cause;
import dev.tidemark.watcher.capture.CaptureEvent;
import dev.tidemark.watcher.dirty.Directory;
import dev.tidemark.watcher.dirty.Mark;
import dev.tidemark.watcher.state.Name;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Turns events into marks. Reads nothing but what a rename needs. Owned by the keeper. */
final class Absorber {
  /** A change of mode, owner and times mostly comes as several events. */
  private static final long ATTRIBUTES_NANOS = 10_000_000;

  private final LiveTree tree;
  private final Renames renames;
  private final Passes passes;

  Absorber(LiveTree tree, Renames renames, Passes passes) {
    this.tree = tree;
    this.renames = renames;
    this.passes = passes;
  }

  void absorb(List<CaptureEvent> events, long now) throws IOException {
    for (CaptureEvent event : events) {
      if (event.isOverflow()) {
        lost();
      } else {
        Optional<Directory> directory = tree.table.findWatched(event.watch());
        if (directory.isPresent()) {
          absorb(event, directory.get(), now);
        } else if (event.isEnd()) {
          // The answer that names this watch is still under way.
          tree.ended(event.watch());
        }
      }
    }
  }

  /** Events are missing here: nobody knows of what. */
  void lost() throws IOException {
    renames.expireAll();
    passes.overflow();
  }

  private void absorb(CaptureEvent event, Directory directory, long now) throws IOException {
    if (event.isEnd()) {
      // The kernel ended the watch: the directory is deleted, or its file system is gone.
      tree.ended(event.watch());
      tree.check(directory, Mark.META | Mark.DATA, Cause.LIVE, now);
    } else if (event.name().length == 0) {
      aboutItself(event, directory, now);
    } else {
      Name name = new Name(event.name());
      if (!tree.isForeign(directory, name, event)) {
        aboutEntry(event, directory, name, now);
      } else if (event.has(
          WatchMask.CREATE | WatchMask.DELETE | WatchMask.MOVED_FROM | WatchMask.MOVED_TO)) {
        // The entry is none of the tree's, but the times of the directory are.
        tree.touched(directory, now);
      }
    }
  }

  private void aboutItself(CaptureEvent event, Directory directory, long now)
      throws WatcherRefusedException {
    // That other directories come and go is told by their parents, with their name.
    if (directory.isRoot()
        && event.has(WatchMask.DELETE_SELF | WatchMask.MOVE_SELF | WatchMask.UNMOUNT)) {
      throw new WatcherRefusedException(
          "the watched directory was deleted, renamed or unmounted. Nothing is published of that;"
              + " start again when it is back.");
    }
    // To the kernel a new time of modification alone, as `touch -m` sets it, is a modification.
    if (event.has(WatchMask.ATTRIB | WatchMask.MODIFY)) {
      Directory parent = directory.isRoot() ? directory : directory.parent();
      tree.dirty.at(
          parent, directory.key().name(), Mark.META, Cause.LIVE, now, now + ATTRIBUTES_NANOS);
    }
  }

  private void aboutEntry(CaptureEvent event, Directory directory, Name name, long now)
      throws IOException {
    if (event.has(WatchMask.MOVED_FROM)) {
      renames.from(directory, name, event.cookie(), now);
      return;
    }
    if (event.has(WatchMask.MOVED_TO)) {
      renames.to(directory, name, event.cookie(), now);
      return;
    }
    if (event.has(WatchMask.CREATE | WatchMask.DELETE)) {
      tree.touched(directory, now);
    }
    if (tree.dirty.isFull() && tree.dirty.find(directory, name).isEmpty()) {
      tree.dirty.collapse(directory);
      passes.schedule(directory, 0);
      return;
    }
    // Several may have been merged, and nothing tells which was the last.
    int data = event.has(WatchMask.CREATE | WatchMask.MODIFY) ? Mark.DATA : 0;
    int closed = event.has(WatchMask.CLOSE_WRITE) ? Mark.DATA | Mark.CLOSED : 0;
    if (event.has(WatchMask.DELETE)) {
      tree.dirty.now(directory, name, Mark.META | data | closed, Cause.LIVE, now);
    } else if (event.has(WatchMask.CREATE) && event.isDirectory()) {
      tree.dirty.now(directory, name, Mark.DATA | Mark.META, Cause.LIVE, now);
    } else if (event.has(WatchMask.CLOSE_WRITE)) {
      int meta = event.has(WatchMask.CREATE | WatchMask.ATTRIB) ? Mark.META : 0;
      tree.dirty.now(directory, name, closed | meta, Cause.LIVE, now);
    } else if (event.has(WatchMask.CREATE | WatchMask.MODIFY)) {
      int modified = event.has(WatchMask.MODIFY) ? Mark.MODIFIED : 0;
      tree.dirty.whenQuiet(directory, name, Mark.DATA | Mark.META | modified, Cause.LIVE, now);
    } else if (event.has(WatchMask.ATTRIB)) {
      tree.dirty.at(directory, name, Mark.META, Cause.LIVE, now, now + ATTRIBUTES_NANOS);
    }
  }
}
