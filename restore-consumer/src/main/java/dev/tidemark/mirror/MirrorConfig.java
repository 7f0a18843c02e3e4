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
 * @param subset which part of the tree stands in the target
 */
public record MirrorConfig(
    TreeName tree,
    Path target,
    Path stateFolder,
    String standbyName,
    LogConnection log,
    String repositoryUrl,
    TargetTakeOver takeOver,
    Subset subset,
    Writing writing,
    Following following,
    Intervals intervals,
    DriftPlan drift) {
  /** What to do with a target in which something stands that no mirror of this state put there. */
  public enum TargetTakeOver {
    /** Refuse to start. */
    REFUSE,
    /** Make it equal to the tree; what differs is kept aside in the state folder. */
    REPLACE,
    /** Make it equal to the tree, where what was worth keeping has been kept already. */
    OVERWRITE
  }

  /**
   * How entries get onto the target.
   *
   * @param owners which owner and group they get
   * @param fileThreads that write files in parallel, 1 to 64; latency of single changes needs none
   * @param durability what is done for a power loss
   * @param framesFrom where bytes are asked for first
   */
  public record Writing(
      OwnerIds owners, int fileThreads, Durability durability, FramesFrom framesFrom) {
    /** Owners by name, two threads, synced in batches, frames by age. */
    public static final Writing DEFAULT =
        new Writing(OwnerIds.BY_NAME, 2, Durability.BATCH, FramesFrom.AUTO);

    public Writing {
      if (fileThreads < 1 || fileThreads > 64) {
        throw new IllegalArgumentException(
            "%d file threads: expected 1 to 64".formatted(fileThreads));
      }
    }
  }

  /**
   * How the log is followed.
   *
   * @param delay how long after its append a change is applied; zero for at once
   * @param bound how far
   */
  public record Following(Duration delay, Bound bound) {
    /** At once, and as far as it goes. */
    public static final Following DEFAULT = new Following(Duration.ZERO, Bound.NONE);

    public Following {
      if (delay.isNegative()) {
        throw new IllegalArgumentException(
            "delay %s: expected none, or some time".formatted(delay));
      }
    }
  }

  /**
   * How often.
   *
   * @param status least time between two records to {@code standbys}
   * @param durable how often the target's filesystem is synced: what a power loss costs in
   *     comparing
   */
  public record Intervals(Duration status, Duration durable) {
    /** Twice a second, and every five seconds. */
    public static final Intervals DEFAULT =
        new Intervals(Duration.ofMillis(500), Duration.ofSeconds(5));
  }

  public MirrorConfig {
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

  /** All by default, and no repository. */
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
        Subset.ALL,
        Writing.DEFAULT,
        Following.DEFAULT,
        Intervals.DEFAULT,
        DriftPlan.DEFAULT);
  }

  private MirrorConfig with(
      String url,
      TargetTakeOver newTakeOver,
      Subset newSubset,
      Writing newWriting,
      Following newFollowing,
      Intervals newIntervals,
      DriftPlan newDrift) {
    return new MirrorConfig(
        tree,
        target,
        stateFolder,
        standbyName,
        log,
        url,
        newTakeOver,
        newSubset,
        newWriting,
        newFollowing,
        newIntervals,
        newDrift);
  }

  public MirrorConfig withRepository(String url) {
    return with(url, takeOver, subset, writing, following, intervals, drift);
  }

  public MirrorConfig withTakeOver(TargetTakeOver newTakeOver) {
    return with(repositoryUrl, newTakeOver, subset, writing, following, intervals, drift);
  }

  public MirrorConfig with(Subset newSubset) {
    return with(repositoryUrl, takeOver, newSubset, writing, following, intervals, drift);
  }

  public MirrorConfig with(Writing newWriting) {
    return with(repositoryUrl, takeOver, subset, newWriting, following, intervals, drift);
  }

  public MirrorConfig with(Following newFollowing) {
    return with(repositoryUrl, takeOver, subset, writing, newFollowing, intervals, drift);
  }

  public MirrorConfig with(Intervals newIntervals) {
    return with(repositoryUrl, takeOver, subset, writing, following, newIntervals, drift);
  }

  public MirrorConfig with(DriftPlan newDrift) {
    return with(repositoryUrl, takeOver, subset, writing, following, intervals, newDrift);
  }

  public MirrorConfig withOwners(OwnerIds owners) {
    return with(
        new Writing(owners, writing.fileThreads(), writing.durability(), writing.framesFrom()));
  }

  public MirrorConfig withDelay(Duration delay) {
    return with(new Following(delay, following.bound()));
  }

  public MirrorConfig withBound(Bound bound) {
    return with(new Following(following.delay(), bound));
  }

  public MirrorConfig with(Durability durability) {
    return with(
        new Writing(writing.owners(), writing.fileThreads(), durability, writing.framesFrom()));
  }

  public MirrorConfig with(FramesFrom framesFrom) {
    return with(
        new Writing(writing.owners(), writing.fileThreads(), writing.durability(), framesFrom));
  }

  public MirrorConfig withDriftInterval(Duration interval) {
    return with(drift.withInterval(interval));
  }

  public boolean hasRepository() {
    return !repositoryUrl.isEmpty();
  }
}
