package dev.tidemark.apply;

import dev.tidemark.apply.ExistingCheck.Difference;
import dev.tidemark.apply.LinkGroups.Role;
import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.io.IOException;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Puts what is no directory, for {@link TreeSync}: finds out what is right already and what of the
 * rest is at hand, has the others' frames fetched together, and links names of one inode to the
 * first of them. {@link #place} and {@link #finish} belong to the planning thread, the rest happens
 * on any.
 */
final class EntrySync {
  private static final long LARGE_BYTES = 4 << 20;

  private final TargetDirectory target;
  private final NodeWriter writer;
  private final FrameSource source;
  private final SyncListener listener;
  private final SyncTally tally;
  private final Release release;
  private final LinkGroups links = new LinkGroups();
  private final ProtectedEntries protectedEntries;
  private final WorkPool pool;
  private final ExistingEntries existing;
  private final RepeatedFrames repeated;
  private final PartFetch fetch;
  private final LargeFiles largeFiles;

  /** Files of which it is known now what has to be fetched. */
  private final Queue<Surveyed> surveyed = new ConcurrentLinkedQueue<>();

  private @Nullable TargetDirectory older;

  private record Surveyed(SyncJob job, ExistingParts atHand) {}

  /** Lets go of a directory that was held for an entry. */
  interface Release {
    void release(SyncDirectory directory) throws IOException;
  }

  EntrySync(
      TargetDirectory target,
      NodeWriter writer,
      FrameSource source,
      SyncOptions options,
      SyncListener listener,
      SyncTally tally,
      WorkPool pool,
      Release release) {
    this.target = target;
    this.writer = writer;
    this.source = source;
    this.listener = listener;
    this.tally = tally;
    this.release = release;
    this.protectedEntries = new ProtectedEntries(options.exclusions());
    this.pool = pool;
    this.existing =
        new ExistingEntries(
            writer,
            source,
            options,
            listener,
            tally,
            links,
            protectedEntries,
            pool,
            new Verdicts());
    this.repeated = new RepeatedFrames(target.staging(), options.repeated());
    this.fetch = new PartFetch(source, pool, repeated, options.memoryBytes());
    this.largeFiles = new LargeFiles(source, fetch, this::finishLarge, this::failed);
  }

  /** Lets files of another directory be used where this one has nothing at their path. */
  void useAlso(TargetDirectory directory) {
    older = directory;
  }

  /** Puts an entry, now or later; its directory is held until it is done. */
  void place(SyncJob job) throws IOException {
    fetchSurveyed();
    job.directory().hold();
    if (!job.isLinked()) {
      placeFirst(job);
      return;
    }
    switch (links.join(job)) {
      case Role.Lead _ -> placeFirst(job);
      case Role.Wait _ -> {
        // Done by whoever is done with the first.
      }
      case Role.Link link -> link(job, link);
    }
  }

  private void placeFirst(SyncJob job) throws IOException {
    if (job.existed()) {
      existing.check(job);
      return;
    }
    try {
      write(job);
    } catch (SystemCallException e) {
      failed(job, e);
    }
  }

  /** What the workers find out about entries that stand there already. */
  private final class Verdicts implements ExistingEntries.Verdicts {
    @Override
    public void stays(SyncJob job, FileStatus left) throws IOException {
      done(job, left);
    }

    @Override
    public void differs(SyncJob job) throws IOException {
      if (job.node() instanceof Node.File) {
        survey(job);
      } else {
        putWhole(job, source);
      }
    }

    @Override
    public void failed(SyncJob job, IOException cause) throws IOException {
      EntrySync.this.failed(job, cause);
    }
  }

  private void write(SyncJob job) throws IOException {
    if (!(job.node() instanceof Node.File)) {
      putWhole(job, source);
    } else if (older != null) {
      pool.submit(() -> survey(job));
    } else {
      fetch(job, ExistingParts.NONE);
    }
  }

  /** Finds out which parts of a file are here. What is not is planned with that of others. */
  private void survey(SyncJob job) {
    surveyed.add(
        new Surveyed(job, ExistingParts.find(() -> openOlder(job), job.file().content(), source)));
  }

  private Optional<Descriptor> openOlder(SyncJob job) throws IOException {
    if (job.existed()) {
      return ExistingParts.openFile(job.directory().descriptor(), job.name());
    }
    if (older == null) {
      return Optional.empty();
    }
    try (Descriptor parent = older.openDirectory(job.path().parent())) {
      return ExistingParts.openFile(parent, job.name());
    }
  }

  private boolean fetchSurveyed() throws IOException {
    boolean any = false;
    for (Surveyed file = surveyed.poll(); file != null; file = surveyed.poll()) {
      any = true;
      try {
        fetch(file.job(), file.atHand());
      } catch (SystemCallException e) {
        failed(file.job(), e);
      }
    }
    return any;
  }

  private void fetch(SyncJob job, ExistingParts atHand) throws IOException {
    tally.bytesReused.add(atHand.bytes());
    Node.File file = job.file();
    if (file.content().size() > LARGE_BYTES || HoleMap.hasHoles(file.content())) {
      largeFiles.write(job, writer.stage(file), atHand, pool);
    } else {
      fetch.add(new WholeFile(job, atHand));
    }
  }

  private final class WholeFile extends FilePart {
    private final SyncJob job;
    private final ExistingParts atHand;

    WholeFile(SyncJob job, ExistingParts atHand) {
      super(
          atHand.missing(
              job.file().content().extents().stream().map(Extent.Chunk.class::cast).toList()));
      this.job = job;
      this.atHand = atHand;
    }

    @Override
    void fill(FrameSource frames) throws IOException {
      putWhole(job, atHand.orElse(frames));
    }
  }

  /** How many files are open to be written in parts. */
  int openFiles() {
    return largeFiles.count();
  }

  /** Waits until all that was placed is there. */
  void finish() throws IOException {
    do {
      existing.flush();
      fetch.flush();
      pool.await();
    } while (fetchSurveyed());
  }

  private void putWhole(SyncJob job, FrameSource frames) throws IOException {
    Optional<FileStatus> left = put(job, frames);
    if (left.isPresent()) {
      done(job, left.get());
    } else {
      notDone(job);
    }
  }

  /** Empty if it could not be put; then that is noted. */
  private Optional<FileStatus> put(SyncJob job, FrameSource frames) throws IOException {
    try {
      return job.node() instanceof Node.File file ? putFile(job, file, frames) : putSpecial(job);
    } catch (IOException e) {
      tally.failOrEnd(job.path(), e);
      return Optional.empty();
    }
  }

  private Optional<FileStatus> putFile(SyncJob job, Node.File node, FrameSource frames)
      throws IOException {
    try (StagedFile file = writer.stage(node)) {
      FileFiller.fill(file, frames);
      return Optional.of(finish(job, file));
    }
  }

  private FileStatus finish(SyncJob job, StagedFile file) throws IOException {
    FileStatus left = file.finish(job.directory().descriptor(), job.name());
    tally.filesWritten.increment();
    tally.bytesWritten.add(job.file().content().size());
    return left;
  }

  private Optional<FileStatus> putSpecial(SyncJob job) throws IOException {
    Optional<FileStatus> left =
        writer.putSpecial(job.directory().descriptor(), job.name(), job.node());
    if (left.isPresent()) {
      tally.othersWritten.increment();
    }
    return left;
  }

  private void finishLarge(SyncJob job, StagedFile file) throws IOException {
    FileStatus left;
    try (file) {
      left = finish(job, file);
    } catch (SystemCallException e) {
      failed(job, e);
      return;
    }
    done(job, left);
  }

  private void link(SyncJob job, Role.Link to) throws IOException {
    try {
      linkOrCopy(job, to);
    } catch (IOException e) {
      tally.failOrEnd(job.path(), e);
    }
    passed(job);
  }

  private void linkOrCopy(SyncJob job, Role.Link to) throws IOException {
    Descriptor parent = job.directory().descriptor();
    Optional<FileStatus> is =
        job.existed() ? LinuxFiles.findStatus(parent, job.name()) : Optional.empty();
    if (is.isPresent() && LinkIdentity.isSameInode(is.get(), to.status())) {
      tally.kept.increment();
      listener.entry(job.directory().id(), job.name(), job.node(), is.get());
      return;
    }
    if (is.isPresent()) {
      protectedEntries.requireReplaceable(parent, job.path(), is.get());
      displaceIfDifferent(job, is.get());
    }
    Optional<FileStatus> left;
    try {
      left = Optional.of(link(job, to.path()));
      tally.linked.increment();
    } catch (SystemCallException e) {
      if (!LinkGroups.isRefused(e)) {
        throw e;
      }
      writer.losses().add(Losses.Kind.HARD_LINKS, e);
      left = put(job, source);
    }
    if (left.isPresent()) {
      listener.entry(job.directory().id(), job.name(), job.node(), left.get());
    }
  }

  private FileStatus link(SyncJob job, NodePath to) throws IOException {
    Descriptor parent = job.directory().descriptor();
    if (to.parent().equals(job.directory().path())) {
      return writer.link(parent, to.name(), parent, job.name());
    }
    try (Descriptor from = target.openDirectory(to.parent())) {
      return writer.link(from, to.name(), parent, job.name());
    }
  }

  private void displaceIfDifferent(SyncJob job, FileStatus is) throws IOException {
    Descriptor parent = job.directory().descriptor();
    Difference difference = writer.existing().compare(parent, job.name(), job.node(), is);
    if (difference == Difference.CONTENT
        || !listener.trusts(job.directory().id(), job.name(), is)) {
      listener.displacing(parent, job.name(), job.path());
    }
  }

  /** An entry is as it shall be; so can be those that are the same inode. */
  private void done(SyncJob job, FileStatus left) throws IOException {
    listener.entry(job.directory().id(), job.name(), job.node(), left);
    if (job.isLinked()) {
      for (SyncJob waiting : links.settled(job, left)) {
        link(waiting, new Role.Link(job.path(), left));
      }
    }
    passed(job);
  }

  private void failed(SyncJob job, IOException cause) throws IOException {
    tally.failOrEnd(job.path(), cause);
    notDone(job);
  }

  /** Who waited for the entry tries in its place. */
  private void notDone(SyncJob job) throws IOException {
    passed(job);
    SyncJob leader = job;
    while (leader.isLinked()) {
      Optional<SyncJob> next = links.lost(leader);
      if (next.isEmpty()) {
        return;
      }
      leader = next.get();
      Optional<FileStatus> left = replace(leader);
      if (left.isPresent()) {
        done(leader, left.get());
        return;
      }
      passed(leader);
    }
  }

  private Optional<FileStatus> replace(SyncJob job) throws IOException {
    try {
      Optional<FileStatus> is =
          job.existed()
              ? LinuxFiles.findStatus(job.directory().descriptor(), job.name())
              : Optional.empty();
      if (is.isPresent()) {
        protectedEntries.requireReplaceable(job.directory().descriptor(), job.path(), is.get());
        displaceIfDifferent(job, is.get());
      }
    } catch (IOException e) {
      tally.failOrEnd(job.path(), e);
      return Optional.empty();
    }
    return put(job, source);
  }

  private void passed(SyncJob job) throws IOException {
    listener.passed(job.path(), job.node());
    release.release(job.directory());
  }

  /** Removes what was begun; to be called when nothing runs any more. */
  void close() throws IOException {
    largeFiles.close();
    repeated.close();
  }
}
