package dev.tidemark.cli.metrics;

import dev.tidemark.mirror.MirrorStatus;
import dev.tidemark.mirror.MirrorStatus.Phase;
import dev.tidemark.repository.verify.Scrubber;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Fault;
import dev.tidemark.store.ChunkStoreStatus;
import dev.tidemark.store.ChunkStoreStatus.TreeStatus;
import dev.tidemark.store.catalogue.TreeStates.Age;
import dev.tidemark.watcher.CaptureStatus;
import dev.tidemark.watcher.WatcherStatus;
import dev.tidemark.watcher.capture.CaptureMode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Statuses of roles that do not run. */
final class Statuses {
  static final TreeName WEB = new TreeName("web");

  private Statuses() {}

  static WatcherStatus watcher(long epoch, CaptureMode mode, long published) {
    return new WatcherStatus(
        epoch,
        published,
        published,
        published,
        0,
        0,
        0,
        0,
        3,
        10,
        9,
        false,
        true,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        "",
        new CaptureStatus(mode, "told so", Duration.ZERO, 0, 1, 0));
  }

  static ChunkStoreStatus store(String state, Map<TreeName, TreeStatus> trees) {
    return new ChunkStoreStatus(
        state, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, Optional.empty(), Optional.empty(), trees);
  }

  /** A tree of which all times are log times in milliseconds. */
  static TreeStatus tree(
      long accepted, long sealed, long unsealedSince, long sealedAt, long heard, Fault fault) {
    return new TreeStatus(
        accepted,
        sealed,
        0,
        unsealedSince == 0 ? 0 : 1,
        unsealedSince,
        heard,
        sealedAt,
        heard,
        1,
        2,
        3,
        TreeStatus.Scan.NONE,
        Age.FINE,
        fault);
  }

  static MirrorStatus mirror(Phase phase, String error) {
    return new MirrorStatus(phase, 7, 7_000, 6, 12, 0, "", error);
  }

  static Scrubber.Status scrub() {
    return new Scrubber.Status(64, 2, 3, List.of(), "");
  }
}
