package dev.tidemark.mirror;

import dev.tidemark.apply.FrameSource;
import dev.tidemark.apply.SyncListener;
import dev.tidemark.apply.SyncOptions;
import dev.tidemark.apply.SyncOptions.ExistingFiles;
import dev.tidemark.apply.SyncOptions.ExtraEntries;
import dev.tidemark.apply.SyncReport;
import dev.tidemark.apply.SyncReport.Failure;
import dev.tidemark.apply.TargetDirectory;
import dev.tidemark.apply.TreeSync;
import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.mirror.MirrorConfig.TargetTakeOver;
import dev.tidemark.mirror.StateRecorder.Displaced;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeBase;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes target and state equal to a tree, or the target equal to the state, changing what differs.
 */
final class Synchroniser {
  private static final Logger log = LoggerFactory.getLogger(Synchroniser.class);

  private static final int NOTED_AT_ONCE = 2_000;

  /** Whatever else stands in the target goes. */
  static final SyncOptions USUAL = SyncOptions.DEFAULT.withExtras(ExtraEntries.REMOVE);

  private final MirrorConfig config;
  private final TargetDirectory target;
  private final MirrorState state;
  private final StatusBoard board;
  private final InstantSource clock;

  Synchroniser(
      MirrorConfig config,
      TargetDirectory target,
      MirrorState state,
      StatusBoard board,
      InstantSource clock) {
    this.config = config;
    this.target = target;
    this.state = state;
    this.board = board;
    this.clock = clock;
  }

  /**
   * Begins anew from a tree; the state counts once all of it is done.
   *
   * @param has what is known of the target
   */
  void bootstrap(TreeBase tree, Cursor cursor, Known has, FrameSource frames) throws IOException {
    record(tree, cursor.sequence(), has, () -> {}, frames);
    state.commit(cursor);
    state.notes().putDurable(cursor.sequence());
  }

  /**
   * Makes target and state what a tree was; from there nothing can be followed.
   *
   * @param passed hears of each entry that was dealt with
   */
  void goBack(TreeBase tree, long sequence, Known has, Runnable passed, FrameSource frames)
      throws IOException {
    record(tree, sequence, has, passed, frames);
    state.commitWithoutCursor();
    state.notes().putDurable(sequence);
  }

  /** What is known of a target before it is made equal to a tree. */
  enum Known {
    /** Nothing: what differs is kept aside. */
    NOTHING(false, SyncOptions.DEFAULT.existing()),
    /** What the state says, and perhaps more. What differs is kept aside. */
    APPLIED(false, SyncOptions.DEFAULT.existing()),
    /** What the state says, and nothing else: all that differs is in history. */
    STATE(true, SyncOptions.DEFAULT.existing()),
    /** All that differs is in history, but the state does not tell what it is: it is read. */
    OURS(true, ExistingFiles.KEEP_IF_CONTENT_EQUAL);

    private final boolean isOurs;
    private final ExistingFiles existing;

    Known(boolean isOurs, ExistingFiles existing) {
      this.isOurs = isOurs;
      this.existing = existing;
    }
  }

  private void record(TreeBase tree, long sequence, Known has, Runnable passed, FrameSource frames)
      throws IOException {
    Optional<Distrust> distrust = distrust(tree, has);
    SyncOptions options =
        USUAL.withExisting(
            distrust.isPresent() ? has.existing : ExistingFiles.KEEP_IF_CONTENT_EQUAL);
    board.beginAnew();
    state.clear();
    Subset subset = state.notes().subset();
    try (EntryStream entries = SubsetStream.within(subset, tree.subtree(NodePath.ROOT));
        KeptAside keptAside = newKeptAside()) {
      boolean overwrites = has == Known.NOTHING && config.takeOver() == TargetTakeOver.OVERWRITE;
      boolean keeps = !has.isOurs && !overwrites;
      var recorder =
          new StateRecorder(
              state,
              sequence,
              keeps ? Displaced.unlessProtected(keptAside::keep) : Displaced.IGNORED,
              distrust.orElse(Distrust.NONE),
              passed);
      SyncReport report = sync(config, target, options, entries, frames, recorder, waits()::covers);
      tell("target made equal to the repository", report, keptAside);
    }
    if (!subset.isAll() || !state.blocked().isEmpty()) {
      noteRest(tree, sequence);
    }
    LinuxFiles.syncFilesystem(target.root());
  }

  private Waits waits() {
    return new Waits(target, state.blocked());
  }

  /**
   * What does not stand in the target is in the state alone: what is moved into the subset is found
   * there, and what waits is mended by it.
   */
  private void noteRest(TreeBase tree, long sequence) throws IOException {
    Noting noting = new Noting(state);
    try (EntryStream all = tree.subtree(NodePath.ROOT)) {
      for (Optional<TreeEntry> next = all.next(); next.isPresent(); next = all.next()) {
        NodePath path = next.get().path();
        Node node = next.get().node();
        if (!state.notes().subset().holds(path, node)
            || state.blocked().covers(path) && !isKnown(path, sequence)) {
          noting.note(new Change.Put(path, node), sequence);
        }
        if (state.pendingCount() >= NOTED_AT_ONCE) {
          state.commitWithoutCursor();
        }
      }
    }
  }

  private boolean isKnown(NodePath path, long sequence) throws IOException {
    return state.find(state.requirePlace(path, sequence)).isPresent();
  }

  private Optional<Distrust> distrust(TreeBase tree, Known has) throws IOException {
    return switch (has) {
      case NOTHING, OURS -> Optional.of(Distrust.NONE);
      case APPLIED, STATE -> {
        try (EntryStream applied = new StateStream(state);
            EntryStream wanted = tree.subtree(NodePath.ROOT)) {
          yield Distrust.between(applied, wanted);
        }
      }
    };
  }

  /**
   * Mends the target where it differs from the state.
   *
   * @param trustedSequence what was applied after it is read and hashed
   */
  void repair(long trustedSequence, FrameSource frames) throws IOException {
    try (KeptAside keptAside = newKeptAside()) {
      Displaced displaced =
          config.drift().keep() instanceof KeepDrift.No ? this::tellReplaced : keptAside::keep;
      repair(trustedSequence, frames, keptAside, Displaced.unlessProtected(displaced));
    }
  }

  private KeptAside newKeptAside() {
    return switch (config.drift().keep()) {
      case KeepDrift.In(Path folder) -> KeptAside.in(folder, clock.instant());
      case KeepDrift.Usual _, KeepDrift.No _ ->
          new KeptAside(config.stateFolder(), clock.instant());
    };
  }

  private void tellReplaced(Descriptor parent, byte[] name, NodePath path) {
    log.atWarn()
        .addKeyValue("tree", config.tree())
        .addKeyValue("path", path)
        .log("replaced without being kept, as --keep-drift no asks");
  }

  /** The same where all that differs is in history. */
  void repairOurs(FrameSource frames) throws IOException {
    try (KeptAside unused = newKeptAside()) {
      repair(Long.MAX_VALUE, frames, unused, Displaced.IGNORED);
    }
  }

  private void repair(
      long trustedSequence, FrameSource frames, KeptAside keptAside, Displaced displaced)
      throws IOException {
    try (EntryStream entries = new StateStream(state)) {
      var repairer = new StateRepairer(state, trustedSequence, displaced);
      SyncReport report = sync(config, target, USUAL, entries, frames, repairer, waits()::covers);
      entries.close();
      repairer.finish();
      tell("target compared with the state", report, keptAside);
    }
    // A repaired entry has another inode than the one that a move meant.
    state.setIntent(Intent.NONE);
    Optional<Cursor> cursor = state.cursor();
    if (cursor.isPresent()) {
      state.commit(cursor.get());
    } else {
      state.commitWithoutCursor();
    }
  }

  /**
   * Makes a target equal to a tree.
   *
   * @throws IOException also if a single entry could not be put
   */
  static SyncReport sync(
      MirrorConfig config,
      TargetDirectory target,
      SyncOptions usual,
      EntryStream entries,
      FrameSource frames,
      SyncListener listener)
      throws IOException {
    return sync(config, target, usual, entries, frames, listener, _ -> false);
  }

  private static SyncReport sync(
      MirrorConfig config,
      TargetDirectory target,
      SyncOptions usual,
      EntryStream entries,
      FrameSource frames,
      SyncListener listener,
      Predicate<NodePath> mayFail)
      throws IOException {
    SyncOptions options =
        usual.withOwners(config.writing().owners()).withWorkers(config.writing().fileThreads() + 1);
    SyncReport report = new TreeSync(target, frames, options, listener).run(entries);
    Optional<Failure> failure =
        report.failures().stream().filter(failed -> !mayFail.test(failed.path())).findFirst();
    if (failure.isPresent() || report.failureCount() > report.failures().size()) {
      NodePath path = failure.orElse(report.failures().getFirst()).path();
      throw new IOException(
          "%d entries could not be put onto %s, the first is %s: %s"
              .formatted(
                  report.failureCount(),
                  target.path(),
                  path,
                  failure.orElse(report.failures().getFirst()).reason()));
    }
    return report;
  }

  private void tell(String what, SyncReport report, KeptAside keptAside) {
    var line =
        log.atInfo()
            .addKeyValue("tree", config.tree())
            .addKeyValue("files-written", report.filesWritten())
            .addKeyValue("kept", report.kept())
            .addKeyValue("removed", report.removed())
            .addKeyValue("bytes", report.bytesWritten());
    if (keptAside.count() > 0) {
      line =
          line.addKeyValue("kept-aside", keptAside.count())
              .addKeyValue("kept-aside-folder", keptAside.folder());
    }
    line.log(what);
  }
}
