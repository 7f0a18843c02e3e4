package dev.tidemark.watcher;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.Errno;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.Change.Cause;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.filter.PathFilter;
import dev.tidemark.watcher.capture.CaptureEvent;
import dev.tidemark.watcher.capture.EventSource;
import dev.tidemark.watcher.capture.WatchLimit;
import dev.tidemark.watcher.dirty.Directory;
import dev.tidemark.watcher.dirty.DirectoryTable;
import dev.tidemark.watcher.dirty.DirtySet;
import dev.tidemark.watcher.dirty.Mark;
import dev.tidemark.watcher.read.TreeRoot;
import dev.tidemark.watcher.read.WatchOutcome;
import dev.tidemark.watcher.state.EntryKey;
import dev.tidemark.watcher.state.EntryRecord;
import dev.tidemark.watcher.state.Name;
import dev.tidemark.watcher.state.PublishedTree;
import dev.tidemark.watcher.state.StateStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tree as published, with what is dirty in it and how its events arrive. Owned by the keeper.
 */
final class LiveTree {
  static final long ROOT_ID = StateStore.ROOT_DIRECTORY;

  private static final Logger log = LoggerFactory.getLogger(LiveTree.class);

  /** Where standbys stage files: no part of any tree. */
  private static final byte[] RESERVED = ".tidemark-".getBytes(StandardCharsets.US_ASCII);

  /** Ended watches that are remembered; answers under way that could name one are fewer. */
  private static final int ENDED_KEPT = 65_536;

  /** So often may two places claim one inode before both are taken to show it. */
  private static final int CLAIMS = 4;

  private static final int IDS_AT_ONCE = 1000;

  final DirectoryTable table;
  final DirtySet dirty;
  final PublishedTree published;
  final PathFilter filter;
  private final TreeRoot root;
  private final EventSource source;
  private final Set<Directory> uncovered = new LinkedHashSet<>();
  private final Set<Directory> mountPoints = new LinkedHashSet<>();
  private final Set<Integer> ended = new LinkedHashSet<>();
  private final Map<Integer, Integer> claims = new HashMap<>();
  private long nextId;
  private long reservedTo;
  private boolean started;

  LiveTree(
      TreeRoot root,
      EventSource source,
      DirectoryTable table,
      DirtySet dirty,
      PublishedTree published,
      PathFilter filter) {
    this.root = root;
    this.source = source;
    this.table = table;
    this.dirty = dirty;
    this.published = published;
    this.filter = filter;
  }

  /** Names that are no part of the tree. */
  static boolean isReserved(long directory, Name name) {
    return directory == ROOT_ID && name.startsWith(RESERVED);
  }

  /** Whether events about a name are none of the tree's. Asked before anything else is done. */
  boolean isForeign(Directory directory, Name name, CaptureEvent event) {
    if (isReserved(directory.id(), name)) {
      return true;
    }
    if (filter.isEmpty()) {
      return false;
    }
    byte[] parent = filter.isAboutPaths() ? DirectoryTable.pathOf(directory) : new byte[0];
    return event.isDirectory()
        ? filter.excludesDirectory(parent, name.bytes())
        : filter.excludesFile(parent, name.bytes());
  }

  /**
   * The scan of the start is over: a watch that is refused from now on does not end the watcher.
   */
  void started() {
    started = true;
  }

  long newDirectoryId() throws IOException {
    if (nextId == reservedTo) {
      nextId = published.store().reserveDirectoryIds(IDS_AT_ONCE);
      reservedTo = nextId + IDS_AT_ONCE;
    }
    long id = nextId++;
    return id == ROOT_ID ? newDirectoryId() : id;
  }

  /** What is handed over under a name. */
  Optional<EntryRecord> published(Directory directory, Name name) throws IOException {
    return published.find(key(directory, name));
  }

  static EntryKey key(Directory directory, Name name) {
    return name.bytes().length == 0 ? EntryKey.ROOT : new EntryKey(directory.id(), name);
  }

  /** An entry of the directory came, went or was renamed: its own times have changed. */
  void touched(Directory directory, long now) {
    if (directory.isRoot()) {
      dirty.whenQuiet(directory, Name.ROOT, Mark.META, Cause.LIVE, now);
    } else {
      dirty.whenQuiet(directory.parent(), directory.name(), Mark.META, Cause.LIVE, now);
    }
  }

  /** The entry that a directory is must be looked at. */
  Mark check(Directory directory, int bits, Cause cause, long now) {
    return directory.isRoot()
        ? dirty.now(directory, Name.ROOT, bits, cause, now)
        : dirty.now(directory.parent(), directory.name(), bits, cause, now);
  }

  /** What stands at a name now; empty as well if its directory is not where it is thought to be. */
  Optional<FileStatus> statusOf(Directory directory, Name name) {
    try (Descriptor open =
        LinuxFiles.openDirectory(root.descriptor(), DirectoryTable.pathOf(directory))) {
      return LinuxFiles.status(open).inode() == directory.inode()
          ? LinuxFiles.findStatus(open, name.bytes())
          : Optional.empty();
    } catch (SystemCallException _) {
      // The caller then looks at both ends, which tells the reason.
      return Optional.empty();
    }
  }

  /**
   * Takes up the answer to a watch that was asked for.
   *
   * @return whether events of the directory come by a watch that is new: nobody was told what had
   *     happened in it before, so it has to be compared
   */
  boolean adopt(Directory directory, WatchOutcome outcome, long now) throws IOException {
    int before = directory.watch();
    takeUp(directory, outcome, now);
    return directory.isWatched() && directory.watch() != before;
  }

  private void takeUp(Directory directory, WatchOutcome outcome, long now) throws IOException {
    switch (outcome) {
      case WatchOutcome.NotAsked() -> {}
      case WatchOutcome.ByScan() -> mountPoints.remove(directory);
      case WatchOutcome.MountPoint() -> mountPoint(directory);
      case WatchOutcome.Watched(int watch) -> {
        if (ended.contains(watch)) {
          // It ended between its making and this answer: another one is to be asked for.
          check(directory, Mark.META, Cause.LIVE, now);
          return;
        }
        if (isClaimedTwice(directory, watch)) {
          return;
        }
        uncovered.remove(directory);
        mountPoints.remove(directory);
        if (directory.watch() != watch) {
          // What came before it was known whose watch this is was dropped. A listing finds the
          // entries that it was
          // about, but not that they changed the directory's own times.
          touched(directory, now);
        }
        Optional<Directory> before = table.watch(directory, watch);
        // One inode cannot stand in two places: the other one is gone from where it was.
        before.ifPresent(other -> check(other, Mark.META | Mark.DATA, Cause.LIVE, now));
      }
      case WatchOutcome.Refused(var cause) -> refused(directory, cause);
    }
  }

  /** What was watched under the mount is hidden by it. */
  private void mountPoint(Directory directory) throws IOException {
    boolean isNew = !mountPoints.contains(directory);
    unwatch(directory);
    mountPoints.add(directory);
    if (isNew) {
      log.atInfo()
          .addKeyValue("path", DirectoryTable.pathOf(directory, Name.ROOT))
          .log("something is mounted here; it is kept as an empty directory");
    }
  }

  /**
   * A bind mount shows one directory at two places, and its events come for one of them. Without an
   * end to it, each would take the watch from the other.
   */
  private boolean isClaimedTwice(Directory directory, int watch) {
    Optional<Directory> holder = table.findWatched(watch);
    if (holder.isEmpty() || holder.get() == directory || holder.get().isDetached()) {
      return false;
    }
    if (claims.merge(watch, 1, Integer::sum) < CLAIMS) {
      return false;
    }
    uncover(directory, "it stands at another place of the tree, too");
    return true;
  }

  private void refused(Directory directory, SystemCallException cause) throws IOException {
    if (cause.errno() == Errno.ENOSPC && !started) {
      throw new WatcherRefusedException(
          "%d of them were watched, then there were no more. %s"
              .formatted(
                  table.watched(),
                  WatchLimit.refusal(
                      root.path().toString(),
                      WatchLimit.countDirectories(
                          root.descriptor(), (path, open) -> isUnwatched(root, filter, path, open)),
                      WatchLimit.userWatches().orElse(table.watched()))),
          cause);
    }
    uncover(directory, String.valueOf(cause.getMessage()));
  }

  /** Whether a directory below the root needs no watch: it is left out, or of another mount. */
  static boolean isUnwatched(TreeRoot root, PathFilter filter, byte[] path, Descriptor directory) {
    NodePath known = NodePath.of(path);
    try {
      return filter.excludesDirectory(known.parent().bytes(), known.name())
          || !root.holds(LinuxFiles.status(directory));
    } catch (SystemCallException _) {
      // The scan will meet the same, and says so.
      return true;
    }
  }

  private void uncover(Directory directory, String reason) {
    if (uncovered.add(directory)) {
      log.atWarn()
          .addKeyValue("path", DirectoryTable.pathOf(directory, Name.ROOT))
          .addKeyValue("reason", reason)
          .log("directory is not watched; it is compared at intervals");
    }
  }

  /** Directories whose events do not arrive. */
  List<Directory> uncovered() {
    return new ArrayList<>(uncovered);
  }

  int uncoveredCount() {
    return uncovered.size();
  }

  /** No event tells that something was unmounted, or mounted over it: such places are looked at. */
  void lookAtMountPoints(long now) {
    for (Directory directory : List.copyOf(mountPoints)) {
      Optional<FileStatus> status = statusOf(directory.parent(), directory.name());
      if (status.isPresent() && status.get().inode() != directory.inode()) {
        check(directory, Mark.META | Mark.DATA, Cause.RECONCILE, now);
      }
    }
  }

  int mountPoints() {
    return mountPoints.size();
  }

  /** A watch has ended by itself. */
  void ended(int watch) {
    table.unwatch(watch);
    forgetWatch(watch);
  }

  private void forgetWatch(int watch) {
    claims.remove(watch);
    ended.add(watch);
    if (ended.size() > ENDED_KEPT) {
      ended.remove(ended.iterator().next());
    }
  }

  /**
   * The directory is out of the tree, but that is not proved yet: its events must not be taken for
   * ours.
   */
  void detach(Directory directory) throws IOException {
    directory.detach();
    for (Directory below : table.subtree(directory)) {
      dirty.dropAll(below);
      unwatch(below);
    }
  }

  private void unwatch(Directory directory) throws IOException {
    uncovered.remove(directory);
    mountPoints.remove(directory);
    if (directory.isWatched()) {
      int watch = directory.watch();
      table.unwatch(watch);
      source.unwatch(watch);
      forgetWatch(watch);
    }
  }

  /** A watch that belongs to nothing that is known. */
  void discard(WatchOutcome outcome) throws IOException {
    if (outcome instanceof WatchOutcome.Watched(int watch) && table.findWatched(watch).isEmpty()) {
      source.unwatch(watch);
      forgetWatch(watch);
    }
  }

  /** What stood at this name is out of the log's tree: forgets all that was below it. */
  List<Directory> forgetBelow(Directory directory, Name name, Optional<EntryRecord> record)
      throws IOException {
    List<Directory> removed = List.of();
    Optional<Directory> child = directory.child(name);
    if (child.isPresent()) {
      removed = table.subtree(child.get());
      for (Directory gone : removed) {
        unwatch(gone);
      }
      dirty.remove(table, child.get());
    }
    Set<Long> ids = new LinkedHashSet<>();
    removed.forEach(gone -> ids.add(gone.id()));
    record
        .filter(EntryRecord::isDirectory)
        .map(EntryRecord::directoryId)
        .filter(id -> !table.contains(id))
        .ifPresent(ids::add);
    if (!ids.isEmpty()) {
      published.forget(ids, table::contains);
    }
    return removed;
  }
}
