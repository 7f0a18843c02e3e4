package dev.tidemark.apply;

import dev.tidemark.apply.SyncOptions.ExtraEntries;
import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.DirectoryEntry;
import dev.tidemark.filesystem.linux.Errno;
import dev.tidemark.filesystem.linux.FileType;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes a target directory equal to a tree, changing only what differs.
 *
 * <p>The tree is streamed once in path order: directories are made as they come; frames of files
 * are fetched in plans that go by packs, and worker threads write each file when its frames are
 * there; a directory gets its metadata when it has been left and its last file is written. Memory
 * is bounded by {@link SyncOptions#memoryBytes} and by the inodes that have several names. An entry
 * that fails is named in the report and the rest goes on; a target without space or that cannot be
 * written to ends the run.
 */
public final class TreeSync {
  private static final int USER_ALL = 0700;
  private static final long NO_PARENT = -1;
  private static final int MAX_HELD_OPEN = 800;

  private final TargetDirectory target;
  private final SyncOptions options;
  private final SyncListener listener;
  private final NodeWriter writer;
  private final SyncTally tally = new SyncTally();
  private final Deque<SyncDirectory> open = new ArrayDeque<>();
  private final Set<Descriptor> directories = ConcurrentHashMap.newKeySet();
  private final ProtectedEntries protectedEntries;
  private final WorkPool pool;
  private final EntrySync entries;

  public TreeSync(
      TargetDirectory target, FrameSource source, SyncOptions options, SyncListener listener)
      throws IOException {
    this.target = target;
    this.options = options;
    this.listener = listener;
    this.writer = target.writer(options.owners());
    this.protectedEntries = new ProtectedEntries(options.exclusions());
    this.pool = new WorkPool("tidemark-apply", options.workers());
    this.entries =
        new EntrySync(target, writer, source, options, listener, tally, pool, this::release);
  }

  /** Lets the bytes of files in another directory be used for those of the same paths. */
  public TreeSync reusing(TargetDirectory older) {
    entries.useAlso(older);
    return this;
  }

  /**
   * Puts all of {@code tree}, the root first if it is among them. To be called once.
   *
   * @throws TargetFullException if the target is full; what is done is kept, and a next run goes on
   */
  public SyncReport run(EntryStream tree) throws IOException {
    try {
      for (Optional<TreeEntry> next = tree.next(); next.isPresent(); next = tree.next()) {
        place(next.get());
      }
      if (open.isEmpty()) {
        openRoot(null);
      }
      while (!open.isEmpty()) {
        leave();
      }
      entries.finish();
    } finally {
      pool.close();
      closeAll();
    }
    return tally.report(writer.losses());
  }

  /** After a failure, what is still open: no worker runs any more. */
  private void closeAll() throws IOException {
    entries.close();
    for (Descriptor directory : directories) {
      directory.close();
    }
  }

  private void place(TreeEntry entry) throws IOException {
    NodePath path = entry.path();
    if (path.isRoot()) {
      if (!(entry.node() instanceof Node.Directory root)) {
        throw new IOException("The root of this tree is no directory; it cannot be put onto one.");
      }
      openRoot(root);
      return;
    }
    if (open.isEmpty()) {
      openRoot(null);
    }
    while (!open.element().path().contains(path)) {
      leave();
    }
    // Each file that waits for its frames holds its directory open, and a process may open so many.
    if (directories.size() - open.size() + entries.openFiles() > MAX_HELD_OPEN) {
      entries.finish();
    }
    SyncDirectory directory = open.element();
    if (!directory.isUsable() || !directory.path().equals(path.parent())) {
      tally.failed(path, new IOException("its directory could not be made"));
      listener.passed(path, entry.node());
      pushUnusable(path, entry.node());
      return;
    }
    switch (entry.node()) {
      case Node.Directory node -> enter(directory, path, node);
      case Node.File _, Node.Symlink _, Node.Fifo _, Node.Device _ -> {
        boolean existed = directory.takeExisting(path.name()).isPresent();
        entries.place(new SyncJob(directory, path, entry.node(), existed));
      }
    }
  }

  private void pushUnusable(NodePath path, Node node) {
    if (node instanceof Node.Directory) {
      open.push(new SyncDirectory(path, NO_PARENT, null, null, Map.of()));
    }
  }

  private void openRoot(Node.@Nullable Directory node) throws IOException {
    Descriptor descriptor = LinuxFiles.openDirectory(target.root(), new byte[0]);
    directories.add(descriptor);
    long id = node == null ? NO_PARENT : listener.directory(NO_PARENT, new byte[0], node);
    Map<Bytes, DirectoryEntry> existing = namesIn(descriptor);
    existing.values().removeIf(entry -> target.isReserved(entry.name()));
    tally.directories.increment();
    open.push(new SyncDirectory(NodePath.ROOT, id, descriptor, node, existing));
  }

  private static Map<Bytes, DirectoryEntry> namesIn(Descriptor directory)
      throws SystemCallException {
    Map<Bytes, DirectoryEntry> names = new HashMap<>();
    LinuxFiles.forEachEntry(directory, entry -> names.put(Bytes.of(entry.name()), entry));
    return names;
  }

  private void enter(SyncDirectory parent, NodePath path, Node.Directory node) throws IOException {
    byte[] name = path.name();
    try {
      boolean existed = parent.takeExisting(name).isPresent();
      if (existed && LinuxFiles.status(parent.descriptor(), name).type() != FileType.DIRECTORY) {
        listener.displacing(parent.descriptor(), name, path);
        existed = false;
      }
      writer.ensureDirectory(parent.descriptor(), name);
      Descriptor descriptor = openWritable(parent.descriptor(), name);
      directories.add(descriptor);
      long id = listener.directory(parent.id(), name, node);
      Map<Bytes, DirectoryEntry> existing = existed ? namesIn(descriptor) : Map.of();
      open.push(new SyncDirectory(path, id, descriptor, node, existing));
      tally.directories.increment();
    } catch (SystemCallException e) {
      tally.failOrEnd(path, e);
      listener.passed(path, node);
      pushUnusable(path, node);
    }
  }

  /** A directory of ours that we may not enter is opened to us; its mode comes back at the end. */
  private static Descriptor openWritable(Descriptor parent, byte[] name)
      throws SystemCallException {
    try {
      return LinuxFiles.openDirectory(parent, name);
    } catch (SystemCallException e) {
      if (e.errno() != Errno.EACCES) {
        throw e;
      }
      LinuxFiles.changeMode(parent, name, USER_ALL);
      return LinuxFiles.openDirectory(parent, name);
    }
  }

  /** The plan has passed all of the innermost directory. */
  private void leave() throws IOException {
    SyncDirectory directory = open.pop();
    if (!directory.isUsable()) {
      return;
    }
    for (DirectoryEntry extra : directory.extras()) {
      tally.extras.increment();
      if (options.extras() == ExtraEntries.REMOVE) {
        removeExtra(directory, extra.name());
      }
    }
    release(directory);
  }

  private void removeExtra(SyncDirectory directory, byte[] name) throws IOException {
    NodePath path = directory.path().child(name);
    try {
      if (protectedEntries.isProtected(directory.descriptor(), path)) {
        return;
      }
      listener.displacing(directory.descriptor(), name, path);
      writer.remove(directory.descriptor(), name);
      tally.removed.increment();
    } catch (SystemCallException e) {
      tally.failOrEnd(path, e);
    }
  }

  private void release(SyncDirectory directory) throws IOException {
    if (!directory.release()) {
      return;
    }
    try (Descriptor descriptor = directory.descriptor()) {
      if (directory.node() != null) {
        writer.finishDirectory(descriptor, directory.node());
      }
    } catch (SystemCallException e) {
      tally.failOrEnd(directory.path(), e);
    }
    directories.remove(directory.descriptor());
    if (directory.node() != null) {
      listener.passed(directory.path(), directory.node());
    }
  }
}
