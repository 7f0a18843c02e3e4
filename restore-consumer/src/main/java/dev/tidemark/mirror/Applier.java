package dev.tidemark.mirror;

import dev.tidemark.apply.ExistingCheck;
import dev.tidemark.apply.FrameSource;
import dev.tidemark.apply.LinkIdentity;
import dev.tidemark.apply.NodeWriter;
import dev.tidemark.apply.TargetDirectory;
import dev.tidemark.apply.TargetFullException;
import dev.tidemark.filesystem.entry.Listing;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.mirror.MirrorState.Place;
import dev.tidemark.mirror.OpenDirectories.OpenDirectory;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Exchange;
import dev.tidemark.schemas.change.Change.Move;
import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.cursor.Cursor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Applies changes to the target and notes them in the state, by the rules of {@link
 * dev.tidemark.schemas.tree.Tree}.
 *
 * <p>The state is written once per batch, after the target. What is applied to the target and not
 * yet in the state is applied again after a crash, which does no harm to puts and removals. It
 * would to moves: so before a move all that came before it is committed, with the move's intent;
 * and what comes after it is applied only once the move itself is committed. Between two commits
 * there is at most that one move, and whether it was made is told by the inode at its first path.
 */
final class Applier implements AutoCloseable {
  private static final int MAX_PENDING = 5_000;

  private final NodeWriter writer;
  private final MirrorState state;
  private final OpenDirectories directories;
  private final LinkedEntries links;
  private final FileRun run;
  private final Renames renames;
  private final Stepping stepping;
  private final Border border;
  private final TargetDirectory target;
  private final CrashPoints crashes;
  private int maxRun = Integer.MAX_VALUE;

  /** After the last change that was looked at, and after the last before which no file waits. */
  private @Nullable Cursor looked;

  private @Nullable Cursor done;
  private boolean movePending;

  Applier(
      TargetDirectory target,
      MirrorState state,
      NodeWriter writer,
      int workers,
      CrashPoints crashes)
      throws IOException {
    this.target = target;
    this.writer = writer;
    this.state = state;
    this.directories = new OpenDirectories(target, writer, state);
    this.links = new LinkedEntries(state, writer, directories);
    this.run = new FileRun(writer, workers);
    this.stepping = new Stepping(state, directories);
    this.crashes = crashes;
    this.border =
        new Border(
            state,
            writer,
            directories,
            new IncomingTree(state, writer, directories, links, run, crashes),
            crashes,
            new AtBorder());
    this.renames =
        new Renames(state, writer, directories, crashes, this::commitIntent, this::commitDone);
  }

  /**
   * Applies changes, each accepted after the one before, and commits. After a failure all that came
   * before the failed one is committed; the rest can be handed in again, with or without those.
   *
   * @param frames content of all files, asked by several threads
   * @param readTo where the reader stands after the batch, with records that do not count
   */
  void apply(List<Accepted> changes, FrameSource frames, Cursor readTo) throws IOException {
    done = null;
    looked = null;
    try {
      for (Accepted accepted : changes) {
        if (accepted.sequence() > state.cursor().map(Cursor::sequence).orElse(0L)) {
          applyOne(accepted, frames);
          crashes.at("applied");
        }
      }
      flush(frames);
      commit(readTo);
      maxRun = Integer.MAX_VALUE;
    } catch (IOException e) {
      // One file of many failed: the next try commits as it goes, so that it alone waits.
      boolean isFirst = maxRun > 1;
      maxRun = 1;
      keepWhatIsDone(e);
      if (!isFirst || !Stepping.isForbidden(e) || e instanceof TargetDriftException) {
        throw e;
      }
      apply(changes, frames, readTo);
    }
  }

  private void applyOne(Accepted accepted, FrameSource frames) throws IOException {
    Change.Body body = accepted.change().body();
    if (stepping.isBlocked(body)) {
      flush(frames);
      stepOver(accepted);
      return;
    }
    try {
      apply(accepted, frames);
      stepping.follow(body);
    } catch (SystemCallException | TargetFullException | ApplyFailedException e) {
      if (maxRun == 1 && stepping.isInTheWay(e, body)) {
        run.drop();
        stepOver(accepted);
      } else {
        throw e instanceof ApplyFailedException
            ? e
            : new ApplyFailedException(Stepping.pathOf(body), e);
      }
    }
  }

  /** A change at a protected path is noted, and committed alone. */
  private void stepOver(Accepted accepted) throws IOException {
    directories.forget();
    commitDone();
    stepping.stepOver(accepted.change().body(), accepted.sequence());
    looked = accepted.after();
    done = looked;
    commitDone();
  }

  /** The blocked paths that are protected no longer. */
  List<NodePath> findFree() throws IOException {
    List<NodePath> free = new ArrayList<>();
    for (NodePath path : state.blocked().all()) {
      if (!stepping.isProtected(path)) {
        free.add(path);
      }
    }
    directories.forget();
    return free;
  }

  private void keepWhatIsDone(IOException failure) {
    try {
      run.drop();
      movePending = false;
      if (done == null) {
        state.rollBack();
        directories.drop();
      } else {
        commitDone();
      }
    } catch (IOException | RuntimeException e) {
      state.rollBack();
      failure.addSuppressed(e);
    }
  }

  private void apply(Accepted accepted, FrameSource frames) throws IOException {
    if (directories.isFull()) {
      flush(frames);
      directories.forget();
    }
    boolean crosses = border.concerns(accepted.change().body());
    if (movePending && (crosses || !(accepted.change().body() instanceof Move))
        || state.pendingCount() >= MAX_PENDING) {
      flush(frames);
      commitDone();
    }
    if (crosses) {
      border.apply(accepted, frames);
    } else {
      applyInside(accepted, frames);
    }
    if (run.size() >= maxRun) {
      flush(frames);
    }
    looked = accepted.after();
    if (run.isEmpty()) {
      done = looked;
    }
  }

  private void applyInside(Accepted accepted, FrameSource frames) throws IOException {
    long sequence = accepted.sequence();
    switch (accepted.change().body()) {
      case Change.Put(NodePath path, Node node) -> put(path, node, sequence, frames);
      case Change.Remove(NodePath path) -> remove(path, frames);
      case Move move -> {
        flush(frames);
        movePending |= renames.move(move, sequence);
      }
      case Exchange exchange -> {
        flush(frames);
        movePending |= renames.exchange(exchange, sequence);
      }
      case Change.Keep(NodePath path) -> keep(path, sequence, frames);
      case Change.EpochStarted _ -> state.setFullScanStarted(0);
      case Change.ScanStarted(ScanKind kind) ->
          state.setFullScanStarted(kind == ScanKind.FULL ? sequence : 0);
      case Change.ScanCompleted(ScanKind kind) -> completeScan(kind, frames);
      case Change.Tag _, Change.Heartbeat _ -> {
        // An instant, no change of the tree.
      }
    }
  }

  /** The files that changes need, with the paths that they get. */
  List<Change.Put> puts(List<Accepted> changes) throws IOException {
    return border.puts(changes);
  }

  /** What the border of a subset needs of this. */
  private final class AtBorder implements Border.Inside {
    @Override
    public void flush(FrameSource frames) throws IOException {
      Applier.this.flush(frames);
    }

    @Override
    public void put(NodePath path, Node node, long sequence, FrameSource frames)
        throws IOException {
      Applier.this.put(path, node, sequence, frames);
    }

    @Override
    public void commitBefore() throws IOException {
      commitBeforeDirectoryGoes();
    }

    @Override
    public void commitThrough(Cursor cursor) throws IOException {
      looked = cursor;
      done = cursor;
      commitDone();
    }
  }

  /** Writes the files that wait. */
  private void flush(FrameSource frames) throws IOException {
    if (!run.isEmpty()) {
      run.write(frames, state);
      done = looked;
    }
  }

  private void commit(Cursor applied) throws IOException {
    directories.settle();
    crashes.at("before commit");
    state.commit(applied);
    movePending = false;
    crashes.at("committed");
  }

  private void put(NodePath path, Node node, long sequence, FrameSource frames) throws IOException {
    Place place = state.requirePlace(path, sequence);
    Optional<StateEntry> before = state.find(place);
    if (LinkIdentity.isShared(node) && link(path, place, node, before, sequence, frames)) {
      return;
    }
    switch (node) {
      case Node.Directory directory -> putDirectory(path, place, directory, sequence, frames);
      case Node.File file -> putFile(path, place, file, before, sequence, frames);
      case Node.Symlink _, Node.Fifo _, Node.Device _ -> {
        if (run.holds(path) || before.filter(StateEntry::isDirectory).isPresent()) {
          flush(frames);
          dropDirectory(before);
        }
        OpenDirectory parent = directories.openParent(path);
        Optional<FileStatus> left = writer.putSpecial(parent.descriptor(), path.name(), node);
        state.put(place, leaf(sequence, before, left.map(Signature::of), node));
      }
    }
  }

  /** Gives a name the inode that stands under another one; false if none is the same. */
  private boolean link(
      NodePath path,
      Place place,
      Node node,
      Optional<StateEntry> before,
      long sequence,
      FrameSource frames)
      throws IOException {
    if (run.holds(path) || run.holdsGroupOf(node)) {
      flush(frames);
    }
    if (before.filter(StateEntry::isDirectory).isPresent()) {
      flush(frames);
      dropDirectory(before);
    }
    OpenDirectory parent = directories.openParent(path);
    Optional<FileStatus> left = links.link(place, parent.descriptor(), path.name(), node, frames);
    if (left.isPresent()) {
      state.put(place, leaf(sequence, before, left.map(Signature::of), node));
    }
    return left.isPresent();
  }

  private static StateEntry leaf(
      long sequence, Optional<StateEntry> before, Optional<Signature> left, Node node) {
    long kept = before.map(StateEntry::keptSequence).orElse(0L);
    return new StateEntry(sequence, kept, 0, left.orElse(Signature.UNKNOWN), node);
  }

  /** What was a directory is about to be something else: nothing below it counts any more. */
  private void dropDirectory(Optional<StateEntry> before) throws IOException {
    if (before.isPresent() && before.get().isDirectory()) {
      commitBeforeDirectoryGoes();
      state.dropBelow(before);
    }
  }

  /**
   * What was put below a directory before it went must not be applied again after it went: there
   * would be no place for it.
   */
  private void commitBeforeDirectoryGoes() throws IOException {
    directories.forget();
    commitDone();
  }

  private void putDirectory(
      NodePath path, Place place, Node.Directory node, long sequence, FrameSource frames)
      throws IOException {
    if (run.holds(path)) {
      flush(frames);
    }
    Optional<StateEntry> before = state.find(place);
    boolean known = before.isPresent() && before.get().isDirectory();
    if (!known && !path.isRoot()) {
      writer.ensureDirectory(directories.openParent(path).descriptor(), path.name());
    }
    long id =
        known
            ? before.get().directoryId()
            : path.isRoot() ? MirrorState.ROOT_ID : state.newDirectoryId();
    long kept = before.map(StateEntry::keptSequence).orElse(0L);
    state.put(place, new StateEntry(sequence, kept, id, Signature.UNKNOWN, node));
    try {
      directories.open(path).describe(node);
    } catch (SystemCallException e) {
      throw switch (e.errno()) {
        case ENOENT, ENOTDIR, ELOOP ->
            new TargetDriftException("the directory %s was changed".formatted(path), e);
        default -> e;
      };
    }
  }

  private void putFile(
      NodePath path,
      Place place,
      Node.File node,
      Optional<StateEntry> before,
      long sequence,
      FrameSource frames)
      throws IOException {
    if (!run.holds(path) && before.isPresent()) {
      if (before.get().isDirectory()) {
        flush(frames);
        dropDirectory(before);
      } else if (changeMetadataOnly(path, place, node, before.get(), sequence)) {
        return;
      }
    }
    run.add(
        new FileRun.Job(
            path, place, directories.openParent(path), node, before.orElse(null), sequence));
  }

  /** An untouched file with the same bytes only gets its new mode, owner and times. */
  private boolean changeMetadataOnly(
      NodePath path, Place place, Node.File node, StateEntry before, long sequence)
      throws IOException {
    if (!(before.node() instanceof Node.File old)
        || !old.content().extents().equals(node.content().extents())) {
      return false;
    }
    OpenDirectory parent = directories.open(path.parent());
    Optional<FileStatus> is = LinuxFiles.findStatus(parent.descriptor(), path.name());
    // Other names of the inode may belong to entries that do not change, or not yet.
    if (is.isEmpty()
        || is.get().links() > 1
        || !Signature.of(is.get()).equals(before.signature())
        || writer.existing().compare(parent.descriptor(), path.name(), old, is.get())
            == ExistingCheck.Difference.CONTENT) {
      return false;
    }
    FileStatus left = writer.changeMetadata(parent.descriptor(), path.name(), node);
    state.put(place, leaf(sequence, Optional.of(before), Optional.of(Signature.of(left)), node));
    return true;
  }

  private void remove(NodePath path, FrameSource frames) throws IOException {
    flush(frames);
    if (path.isRoot()) {
      removeAll();
      return;
    }
    Optional<Place> place = state.placeOf(path);
    if (place.isEmpty() || state.find(place.get()).isEmpty()) {
      return;
    }
    OpenDirectory parent = directories.openParent(path);
    if (state.find(place.get()).get().isDirectory()) {
      commitBeforeDirectoryGoes();
      parent = directories.openParent(path);
    }
    writer.remove(parent.descriptor(), path.name());
    state.remove(place.get());
  }

  private void removeAll() throws IOException {
    commitBeforeDirectoryGoes();
    List<byte[]> names = new ArrayList<>();
    try (Listing listing = state.list(MirrorState.ROOT_ID)) {
      while (listing.next()) {
        names.add(listing.name());
      }
    }
    for (byte[] name : names) {
      writer.remove(target.root(), name);
      state.remove(new Place(MirrorState.ROOT_ID, name));
    }
    state.detach(new Place(MirrorState.ROOT_PARENT, MirrorState.ROOT_NAME));
  }

  /** Leaves nothing pending. Without anything done in this batch, nothing is. */
  private void commitDone() throws IOException {
    if (done != null) {
      commit(done);
    }
  }

  private void keep(NodePath path, long sequence, FrameSource frames) throws IOException {
    flush(frames);
    Optional<Place> place = state.placeOf(path);
    if (state.fullScanStarted() != 0 && place.isPresent()) {
      Optional<StateEntry> entry = state.find(place.get());
      if (entry.isPresent()) {
        state.put(place.get(), entry.get().kept(sequence));
      }
    }
  }

  /** Everything before the move, and that it comes next, in one step. */
  private void commitIntent(Intent intent) throws IOException {
    state.setIntent(intent);
    Cursor before = done == null ? state.cursor().orElseThrow() : done;
    commit(before);
  }

  private void completeScan(ScanKind kind, FrameSource frames) throws IOException {
    long started = state.fullScanStarted();
    if (kind == ScanKind.FULL && started != 0) {
      flush(frames);
      directories.forget();
      commitDone();
      new FullScanSweep(state, writer, directories, stepping, started).sweep();
    }
    state.setFullScanStarted(0);
  }

  /** Drops what is not committed. */
  void rollBack() throws IOException {
    run.drop();
    state.rollBack();
    directories.drop();
    movePending = false;
  }

  /**
   * Forgets open directories and what is pending: the target or the state was changed otherwise.
   */
  void reset() throws IOException {
    rollBack();
    state.setIntent(Intent.NONE);
  }

  @Override
  public void close() throws IOException {
    run.close();
    directories.close();
  }
}
