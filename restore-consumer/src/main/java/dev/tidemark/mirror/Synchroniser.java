package dev.tidemark.mirror;

import dev.tidemark.apply.FrameSource;
import dev.tidemark.apply.SyncListener;
import dev.tidemark.apply.SyncOptions;
import dev.tidemark.apply.SyncOptions.ExtraEntries;
import dev.tidemark.apply.SyncReport;
import dev.tidemark.apply.SyncReport.Failure;
import dev.tidemark.apply.TargetDirectory;
import dev.tidemark.apply.TreeSync;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.mirror.MirrorConfig.TargetTakeOver;
import dev.tidemark.mirror.StateRecorder.Displaced;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.tree.EntryStream;
import java.io.IOException;
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

  /** Whatever else stands in the target goes. */
  static final SyncOptions USUAL = SyncOptions.DEFAULT.withExtras(ExtraEntries.REMOVE);

  private final MirrorConfig config;
  private final TargetDirectory target;
  private final MirrorState state;
  private final InstantSource clock;

  Synchroniser(
      MirrorConfig config, TargetDirectory target, MirrorState state, InstantSource clock) {
    this.config = config;
    this.target = target;
    this.state = state;
    this.clock = clock;
  }

  /**
   * Begins anew from a tree; the state counts once all of it is done.
   *
   * @param ours whether all that stands in the target is in the repository too
   */
  void bootstrap(EntryStream entries, Cursor cursor, boolean ours, FrameSource frames)
      throws IOException {
    record(entries, cursor.sequence(), ours, () -> {}, frames);
    state.commit(cursor);
    state.putDurable(cursor.sequence());
  }

  /**
   * Makes target and state what a tree was; from there nothing can be followed.
   *
   * @param passed hears of each entry that was dealt with
   */
  void goBack(EntryStream entries, long sequence, boolean ours, Runnable passed, FrameSource frames)
      throws IOException {
    record(entries, sequence, ours, passed, frames);
    state.commitWithoutCursor();
    state.putDurable(sequence);
  }

  private void record(
      EntryStream entries, long sequence, boolean ours, Runnable passed, FrameSource frames)
      throws IOException {
    state.clear();
    try (entries;
        KeptAside keptAside = new KeptAside(config.stateFolder(), clock.instant())) {
      boolean keeps = !ours && config.takeOver() != TargetTakeOver.OVERWRITE;
      var recorder =
          new StateRecorder(state, sequence, keeps ? keptAside::keep : Displaced.IGNORED, passed);
      SyncReport report = sync(config, target, USUAL, entries, frames, recorder);
      tell("target made equal to the repository", report, keptAside);
    }
    LinuxFiles.syncFilesystem(target.root());
  }

  /**
   * Mends the target where it differs from the state.
   *
   * @param trustedSequence what was applied after it is read and hashed
   */
  void repair(long trustedSequence, FrameSource frames) throws IOException {
    try (EntryStream entries = new StateStream(state);
        KeptAside keptAside = new KeptAside(config.stateFolder(), clock.instant())) {
      var repairer = new StateRepairer(state, trustedSequence, keptAside);
      SyncReport report =
          sync(
              config,
              target,
              USUAL,
              entries,
              frames,
              repairer,
              path -> state.blocked().covers(path));
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
    SyncOptions options = usual.withOwners(config.owners()).withWorkers(config.fileThreads() + 1);
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
