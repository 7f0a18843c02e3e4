package dev.tidemark.cli.member;

import dev.tidemark.mirror.MirrorConfig;
import dev.tidemark.mirror.MirrorConfig.TargetTakeOver;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.trace.ChangeTrace;
import dev.tidemark.watcher.TakeOver;
import dev.tidemark.watcher.WatcherConfig;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a member is told.
 *
 * @param folder where its role is kept, made if missing
 * @param watcher as it writes; of the same tree and directory as {@code mirror}
 * @param mirror as it stands by; with a repository
 * @param first the role of the first start; later ones go on with what is kept
 * @param trace told of the way of single changes
 */
public record MemberConfig(
    Path folder,
    WatcherConfig watcher,
    MirrorConfig mirror,
    Optional<MemberRole> first,
    ChangeTrace trace) {
  public MemberConfig {
    if (!watcher.tree().equals(mirror.tree())) {
      throw new IllegalArgumentException(
          "a member of tree %s cannot follow tree %s".formatted(watcher.tree(), mirror.tree()));
    }
    if (!mirror.hasRepository()) {
      throw new IllegalArgumentException(
          "a member of tree %s needs the repository".formatted(watcher.tree()));
    }
  }

  MemberConfig withoutTakeOver() {
    return new MemberConfig(
        folder,
        watcher.with(TakeOver.REFUSE),
        mirror.withTakeOver(TargetTakeOver.REFUSE),
        first,
        trace);
  }

  /** The same, and tells of the way that changes take. */
  public MemberConfig with(ChangeTrace newTrace) {
    return new MemberConfig(folder, watcher, mirror, first, newTrace);
  }

  TreeName tree() {
    return watcher.tree();
  }
}
