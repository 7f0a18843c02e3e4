package dev.tidemark.apply;

import dev.tidemark.apply.ExtentWalk.Placed;
import dev.tidemark.apply.SyncOptions.ExistingFiles;
import dev.tidemark.apply.SyncOptions.ExtraEntries;
import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.DirectoryEntry;
import dev.tidemark.filesystem.linux.Errno;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.FileType;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Makes a target directory equal to a tree, changing only what differs.
 *
 * <p>The tree is streamed once in path order: directories are made as they come, files go in
 * batches of neighbours to worker threads, which read their frames together; a directory gets its
 * metadata when it has been left and its last file is written. Memory is bounded by the workers'
 * batches and windows, whatever the tree's size. An entry that fails is named in the report and the
 * rest goes on; a target without space or that cannot be written to ends the run.
 */
public final class TreeSync {
  private static final int BATCH_FILES = 128;
  private static final long BATCH_BYTES = 4 << 20;
  private static final int USER_ALL = 0700;
  private static final long NO_PARENT = -1;

  private final TargetDirectory target;
  private final FrameSource source;
  private final SyncOptions options;
  private final SyncListener listener;
  private final NodeWriter writer;
  private final SyncTally tally = new SyncTally();
  private final Deque<SyncDirectory> open = new ArrayDeque<>();
  private final Set<Descriptor> directories = ConcurrentHashMap.newKeySet();
  private final Set<StagedFile> stagedFiles = ConcurrentHashMap.newKeySet();
  private List<FileJob> batch = new ArrayList<>();
  private long batchBytes;

  public TreeSync(
      TargetDirectory target, FrameSource source, SyncOptions options, SyncListener listener) {
    this.target = target;
    this.source = source;
    this.options = options;
    this.listener = listener;
    this.writer = target.writer(options.owners());
  }

  /** A file to write whole, and the directory it goes into. */
  private record FileJob(SyncDirectory directory, NodePath path, Node.File node) {}

  /**
   * Puts all of {@code entries}, the root first if it is among them. To be called once.
   *
   * @throws TargetFullException if the target is full; what is done is kept, and a next run goes on
   */
  public SyncReport run(EntryStream entries) throws IOException {
    WorkPool pool = new WorkPool("tidemark-apply", options.workers());
    try {
      for (Optional<TreeEntry> next = entries.next(); next.isPresent(); next = entries.next()) {
        place(next.get(), pool);
      }
      if (open.isEmpty()) {
        openRoot(null);
      }
      while (!open.isEmpty()) {
        leave();
      }
      submitBatch(pool);
      pool.await();
    } finally {
      pool.close();
      closeAll();
    }
    return tally.report(writer.losses());
  }

  /** After a failure, what is still open: no worker runs any more. */
  private void closeAll() throws IOException {
    for (StagedFile file : stagedFiles) {
      file.close();
    }
    for (Descriptor directory : directories) {
      directory.close();
    }
  }

  private void place(TreeEntry entry, WorkPool pool) throws IOException {
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
    SyncDirectory directory = open.element();
    if (!directory.isUsable() || !directory.path().equals(path.parent())) {
      tally.failed(path, new IOException("its directory could not be made"));
      listener.passed(path, entry.node());
      pushUnusable(path, entry.node());
      return;
    }
    switch (entry.node()) {
      case Node.Directory node -> enter(directory, path, node);
      case Node.File node -> placeFile(directory, path, node, pool);
      case Node.Symlink node -> placeSpecial(directory, path, node);
      case Node.Fifo node -> placeSpecial(directory, path, node);
      case Node.Device node -> placeSpecial(directory, path, node);
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
      failOrEnd(path, e);
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
      listener.displacing(directory.descriptor(), name, path);
      writer.remove(directory.descriptor(), name);
      tally.removed.increment();
    } catch (SystemCallException e) {
      failOrEnd(path, e);
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
      failOrEnd(directory.path(), e);
    }
    directories.remove(directory.descriptor());
    if (directory.node() != null) {
      listener.passed(directory.path(), directory.node());
    }
  }

  private void placeSpecial(SyncDirectory directory, NodePath path, Node node) throws IOException {
    byte[] name = path.name();
    try {
      if (directory.takeExisting(name).isPresent()) {
        FileStatus is = LinuxFiles.status(directory.descriptor(), name);
        switch (writer.existing().compare(directory.descriptor(), name, node, is)) {
          case NONE -> {
            keep(directory, path, node, is);
            return;
          }
          case METADATA, CONTENT -> listener.displacing(directory.descriptor(), name, path);
        }
      }
      Optional<FileStatus> left = writer.putSpecial(directory.descriptor(), name, node);
      if (left.isPresent()) {
        listener.entry(directory.id(), name, node, left.get());
        tally.othersWritten.increment();
      }
    } catch (SystemCallException e) {
      failOrEnd(path, e);
    }
    listener.passed(path, node);
  }

  private void keep(SyncDirectory directory, NodePath path, Node node, FileStatus is)
      throws IOException {
    listener.entry(directory.id(), path.name(), node, is);
    tally.kept.increment();
    listener.passed(path, node);
  }

  private void placeFile(SyncDirectory directory, NodePath path, Node.File node, WorkPool pool)
      throws IOException {
    byte[] name = path.name();
    FileJob job = new FileJob(directory, path, node);
    if (directory.takeExisting(name).isPresent()) {
      try {
        FileStatus is = LinuxFiles.status(directory.descriptor(), name);
        switch (writer.existing().compare(directory.descriptor(), name, node, is)) {
          case NONE, METADATA -> {
            acceptExisting(job, is, pool);
            return;
          }
          case CONTENT -> listener.displacing(directory.descriptor(), name, path);
        }
      } catch (SystemCallException e) {
        failOrEnd(path, e);
        listener.passed(path, node);
        return;
      }
    }
    write(job, pool);
  }

  private void acceptExisting(FileJob job, FileStatus is, WorkPool pool) throws IOException {
    if (options.existing() == ExistingFiles.KEEP_IF_METADATA_EQUAL
        && listener.trusts(job.directory().id(), job.path().name(), is)) {
      keepFile(job, is);
    } else {
      job.directory().hold();
      pool.submit(() -> checkContent(job, is));
    }
  }

  private void checkContent(FileJob job, FileStatus is) throws IOException {
    Descriptor parent = job.directory().descriptor();
    try {
      if (writer.existing().hasContent(parent, job.path().name(), job.node(), source)) {
        keepFile(job, is);
        release(job.directory());
        return;
      }
      listener.displacing(parent, job.path().name(), job.path());
    } catch (SystemCallException e) {
      failOrEnd(job.path(), e);
      listener.passed(job.path(), job.node());
      release(job.directory());
      return;
    }
    writeWhole(job, source);
  }

  private void keepFile(FileJob job, FileStatus is) throws IOException {
    Descriptor parent = job.directory().descriptor();
    byte[] name = job.path().name();
    try {
      if (writer.existing().compare(parent, name, job.node(), is)
          == ExistingCheck.Difference.METADATA) {
        FileStatus left = writer.changeMetadata(parent, name, job.node());
        listener.entry(job.directory().id(), name, job.node(), left);
        tally.metadataChanged.increment();
        listener.passed(job.path(), job.node());
      } else {
        keep(job.directory(), job.path(), job.node(), is);
      }
    } catch (SystemCallException e) {
      failOrEnd(job.path(), e);
      listener.passed(job.path(), job.node());
    }
  }

  private void write(FileJob job, WorkPool pool) throws IOException {
    job.directory().hold();
    if (job.node().content().size() > BATCH_BYTES || HoleMap.hasHoles(job.node().content())) {
      writeLarge(job, pool);
      return;
    }
    batch.add(job);
    batchBytes += job.node().content().size();
    if (batch.size() >= BATCH_FILES || batchBytes >= BATCH_BYTES) {
      submitBatch(pool);
    }
  }

  private void submitBatch(WorkPool pool) throws IOException {
    if (!batch.isEmpty()) {
      List<FileJob> jobs = batch;
      batch = new ArrayList<>();
      batchBytes = 0;
      pool.submit(() -> writeBatch(jobs));
    }
  }

  /** One reading of the frames of many files. */
  private void writeBatch(List<FileJob> jobs) throws IOException {
    List<Extent.Chunk> chunks = new ArrayList<>();
    for (FileJob job : jobs) {
      job.node().content().extents().forEach(extent -> chunks.add((Extent.Chunk) extent));
    }
    FrameSource frames;
    try {
      Map<ChunkId, byte[]> read = source.read(chunks);
      FrameSource batchFrames = wanted -> read;
      frames = batchFrames.orElse(source);
    } catch (IOException e) {
      // Damage to one must not take the others with it.
      frames = source;
    }
    for (FileJob job : jobs) {
      writeWhole(job, frames);
    }
  }

  private void writeWhole(FileJob job, FrameSource frames) throws IOException {
    try (StagedFile file = writer.stage(job.node())) {
      FileFiller.fill(file, frames);
      finish(job, file);
    } catch (TargetFullException e) {
      throw e;
    } catch (IOException e) {
      failOrEnd(job.path(), e);
    }
    listener.passed(job.path(), job.node());
    release(job.directory());
  }

  private void finish(FileJob job, StagedFile file) throws IOException {
    byte[] name = job.path().name();
    FileStatus left = file.finish(job.directory().descriptor(), name);
    listener.entry(job.directory().id(), name, job.node(), left);
    tally.filesWritten.increment();
    tally.bytesWritten.add(job.node().content().size());
  }

  /** A large file's windows are read and written by several workers at once. */
  private void writeLarge(FileJob job, WorkPool pool) throws IOException {
    LargeFile large;
    try {
      large = new LargeFile(job, writer.stage(job.node()));
      stagedFiles.add(large.file);
    } catch (SystemCallException e) {
      failOrEnd(job.path(), e);
      listener.passed(job.path(), job.node());
      release(job.directory());
      return;
    }
    try {
      ExtentWalk walk = new ExtentWalk(job.node().content(), source);
      for (List<Placed> window = FileFiller.nextWindow(walk);
          !window.isEmpty() && !large.failed.get();
          window = FileFiller.nextWindow(walk)) {
        List<Placed> placed = window;
        large.pending.incrementAndGet();
        pool.submit(() -> large.fill(placed));
      }
    } catch (TargetFullException e) {
      throw e;
    } catch (IOException e) {
      if (pool.isFailed()) {
        throw e;
      }
      large.fail(e);
    }
    large.done();
  }

  private final class LargeFile {
    private final FileJob job;
    private final StagedFile file;
    private final AtomicInteger pending = new AtomicInteger(1);
    private final AtomicBoolean failed = new AtomicBoolean();

    LargeFile(FileJob job, StagedFile file) {
      this.job = job;
      this.file = file;
    }

    void fill(List<Placed> window) throws IOException {
      try {
        if (!failed.get()) {
          FileFiller.fill(file, window, source);
        }
      } catch (TargetFullException e) {
        throw e;
      } catch (IOException e) {
        fail(e);
      }
      done();
    }

    void fail(IOException cause) throws IOException {
      if (failed.compareAndSet(false, true)) {
        failOrEnd(job.path(), cause);
      }
    }

    void done() throws IOException {
      if (pending.decrementAndGet() > 0) {
        return;
      }
      try (file) {
        if (!failed.get()) {
          finish(job, file);
        }
      } catch (SystemCallException e) {
        failOrEnd(job.path(), e);
      }
      stagedFiles.remove(file);
      listener.passed(job.path(), job.node());
      release(job.directory());
    }
  }

  /** What concerns one entry is noted; what would concern each of them ends the run. */
  private void failOrEnd(NodePath path, IOException cause) throws IOException {
    if (cause instanceof TargetFullException) {
      throw cause;
    }
    if (cause instanceof SystemCallException call) {
      switch (call.errno()) {
        case EROFS, EIO, EMFILE, ENFILE, ENOMEM, ESTALE -> throw cause;
        default -> tally.failed(path, cause);
      }
    } else {
      tally.failed(path, cause);
    }
  }
}
