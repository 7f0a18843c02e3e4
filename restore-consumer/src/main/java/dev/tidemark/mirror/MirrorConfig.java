package dev.tidemark.mirror;

import dev.tidemark.apply.OwnerIds;
import dev.tidemark.log.LogConnection;
import dev.tidemark.schemas.change.TreeName;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What a mirror is told.
 *
 * @param target the directory that shall equal the tree; made if missing
 * @param stateFolder where it keeps what it applied, outside the target, with a path in ASCII; its
 *     loss costs a comparison with the repository
 * @param standbyName this standby among those of the tree
 * @param repositoryUrl where sealed state and frames are read that the log no longer has; empty for
 *     none, then only what the log holds can be mirrored
 * @param owners which owner and group entries get
 * @param fileThreads that write files in parallel, 1 to 64; latency of single changes needs none
 * @param statusInterval least time between two records to {@code standbys}
 * @param durableInterval how often the target's filesystem is synced: what a power loss costs in
 *     comparing
 * @param delay how long after its append a change is applied; zero for at once
 * @param bound how far it follows
 * @param durability what it does for a power loss; default BATCH
 * @param framesFrom where it asks first for bytes; default AUTO
 * @param driftInterval between two passes over the target that look for what others changed; zero
 *     for none, default 10 minutes
 */
public record MirrorConfig(
    TreeName tree,
    Path target,
    Path stateFolder,
    String standbyName,
    LogConnection log,
    String repositoryUrl,
    TargetTakeOver takeOver,
    OwnerIds owners,
    int fileThreads,
    Duration statusInterval,
    Duration durableInterval,
    Duration delay,
    Bound bound,
    Durability durability,
    FramesFrom framesFrom,
    Duration driftInterval) {
  /** What to do with a target in which something stands that no mirror of this state put there. */
  public enum TargetTakeOver {
    /** Refuse to start. */
    REFUSE,
    /** Make it equal to the tree; what differs is kept aside in the state folder. */
    REPLACE,
    /** Make it equal to the tree, where what was worth keeping has been kept already. */
    OVERWRITE
  }

  public MirrorConfig {
    if (fileThreads < 1 || fileThreads > 64) {
      throw new IllegalArgumentException(
          "%d file threads: expected 1 to 64".formatted(fileThreads));
    }
    if (delay.isNegative()) {
      throw new IllegalArgumentException("delay %s: expected none, or some time".formatted(delay));
    }
    if (standbyName.isBlank() || standbyName.contains("/")) {
      throw new IllegalArgumentException(
          "standby name \"%s\": expected some letters and no '/'".formatted(standbyName));
    }
    target = target.toAbsolutePath().normalize();
    stateFolder = stateFolder.toAbsolutePath().normalize();
    if (stateFolder.startsWith(target)) {
      throw new IllegalArgumentException(
          "The state folder %s is inside the target %s, where it would be removed. Choose another place."
              .formatted(stateFolder, target));
    }
  }

  /** Two file threads, status twice a second, synced every five seconds, no repository. */
  public static MirrorConfig of(
      TreeName tree, Path target, Path stateFolder, String standbyName, LogConnection log) {
    return new MirrorConfig(
        tree,
        target,
        stateFolder,
        standbyName,
        log,
        "",
        TargetTakeOver.REFUSE,
        OwnerIds.BY_NAME,
        2,
        Duration.ofMillis(500),
        Duration.ofSeconds(5),
        Duration.ZERO,
        Bound.NONE,
        Durability.BATCH,
        FramesFrom.AUTO,
        Duration.ofMinutes(10));
  }

  public MirrorConfig withRepository(String url) {
    return new MirrorConfig(
        tree,
        target,
        stateFolder,
        standbyName,
        log,
        url,
        takeOver,
        owners,
        fileThreads,
        statusInterval,
        durableInterval,
        delay,
        bound,
        durability,
        framesFrom,
        driftInterval);
  }

  public MirrorConfig withTakeOver(TargetTakeOver newTakeOver) {
    return new MirrorConfig(
        tree,
        target,
        stateFolder,
        standbyName,
        log,
        repositoryUrl,
        newTakeOver,
        owners,
        fileThreads,
        statusInterval,
        durableInterval,
        delay,
        bound,
        durability,
        framesFrom,
        driftInterval);
  }

  public MirrorConfig withOwners(OwnerIds newOwners) {
    return new MirrorConfig(
        tree,
        target,
        stateFolder,
        standbyName,
        log,
        repositoryUrl,
        takeOver,
        newOwners,
        fileThreads,
        statusInterval,
        durableInterval,
        delay,
        bound,
        durability,
        framesFrom,
        driftInterval);
  }

  public MirrorConfig withDelay(Duration newDelay) {
    return new MirrorConfig(
        tree,
        target,
        stateFolder,
        standbyName,
        log,
        repositoryUrl,
        takeOver,
        owners,
        fileThreads,
        statusInterval,
        durableInterval,
        newDelay,
        bound,
        durability,
        framesFrom,
        driftInterval);
  }

  public MirrorConfig withBound(Bound newBound) {
    return new MirrorConfig(
        tree,
        target,
        stateFolder,
        standbyName,
        log,
        repositoryUrl,
        takeOver,
        owners,
        fileThreads,
        statusInterval,
        durableInterval,
        delay,
        newBound,
        durability,
        framesFrom,
        driftInterval);
  }

  public MirrorConfig with(Durability newDurability) {
    return new MirrorConfig(
        tree,
        target,
        stateFolder,
        standbyName,
        log,
        repositoryUrl,
        takeOver,
        owners,
        fileThreads,
        statusInterval,
        durableInterval,
        delay,
        bound,
        newDurability,
        framesFrom,
        driftInterval);
  }

  public MirrorConfig with(FramesFrom newFramesFrom) {
    return new MirrorConfig(
        tree,
        target,
        stateFolder,
        standbyName,
        log,
        repositoryUrl,
        takeOver,
        owners,
        fileThreads,
        statusInterval,
        durableInterval,
        delay,
        bound,
        durability,
        newFramesFrom,
        driftInterval);
  }

  public MirrorConfig withDriftInterval(Duration newInterval) {
    return new MirrorConfig(
        tree,
        target,
        stateFolder,
        standbyName,
        log,
        repositoryUrl,
        takeOver,
        owners,
        fileThreads,
        statusInterval,
        durableInterval,
        delay,
        bound,
        durability,
        framesFrom,
        newInterval);
  }

  public boolean hasRepository() {
    return !repositoryUrl.isEmpty();
  }
}
