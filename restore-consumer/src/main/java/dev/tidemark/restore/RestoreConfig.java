package dev.tidemark.restore;

import dev.tidemark.apply.OwnerIds;
import dev.tidemark.apply.SyncOptions;
import dev.tidemark.apply.SyncOptions.ExistingFiles;
import dev.tidemark.apply.SyncOptions.ExtraEntries;
import dev.tidemark.browse.LogAccess;
import dev.tidemark.repository.history.At;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.filter.PathFilter;
import java.nio.file.Path;

/**
 * What to restore, and where to.
 *
 * @param path the part of the tree: a directory's contents go into the target itself, anything else
 *     into the target by its last name; {@link NodePath#ROOT} for all of it
 * @param filter what of the tree is left out; what of that stands in the target stays
 * @param target made if missing; what is in it stays unless it differs, or {@code options} say more
 * @param placing whether the target changes bit by bit
 * @param log whether what is not sealed yet is restored too
 */
public record RestoreConfig(
    TreeName tree,
    At at,
    NodePath path,
    PathFilter filter,
    Path target,
    Placing placing,
    String repositoryUrl,
    LogAccess log,
    SyncOptions options,
    ProgressListener progress) {
  /** How entries come into the target. */
  public enum Placing {
    /** Each on its own, when it is done. */
    ONE_BY_ONE,
    /** All at once: the tree is built beside the target, and the two change places. */
    AT_ONCE
  }

  /** All of a tree from the repository alone; removes nothing, trusts sizes and times. */
  public static RestoreConfig of(TreeName tree, At at, Path target, String repositoryUrl) {
    return new RestoreConfig(
        tree,
        at,
        NodePath.ROOT,
        PathFilter.NONE,
        target,
        Placing.ONE_BY_ONE,
        repositoryUrl,
        LogAccess.NONE,
        SyncOptions.DEFAULT,
        ProgressListener.NONE);
  }

  public RestoreConfig withPath(NodePath newPath) {
    return new RestoreConfig(
        tree, at, newPath, filter, target, placing, repositoryUrl, log, options, progress);
  }

  public RestoreConfig withFilter(PathFilter newFilter) {
    return new RestoreConfig(
        tree, at, path, newFilter, target, placing, repositoryUrl, log, options, progress);
  }

  public RestoreConfig withPlacing(Placing newPlacing) {
    return new RestoreConfig(
        tree, at, path, filter, target, newPlacing, repositoryUrl, log, options, progress);
  }

  public RestoreConfig withLog(LogAccess newLog) {
    return new RestoreConfig(
        tree, at, path, filter, target, placing, repositoryUrl, newLog, options, progress);
  }

  public RestoreConfig withExtras(ExtraEntries extras) {
    return withOptions(options.withExtras(extras));
  }

  public RestoreConfig withExisting(ExistingFiles existing) {
    return withOptions(options.withExisting(existing));
  }

  public RestoreConfig withOwners(OwnerIds owners) {
    return withOptions(options.withOwners(owners));
  }

  public RestoreConfig withMemoryBytes(long bytes) {
    return withOptions(options.withMemoryBytes(bytes));
  }

  public RestoreConfig withOptions(SyncOptions newOptions) {
    return new RestoreConfig(
        tree, at, path, filter, target, placing, repositoryUrl, log, newOptions, progress);
  }

  public RestoreConfig withProgress(ProgressListener newProgress) {
    return new RestoreConfig(
        tree, at, path, filter, target, placing, repositoryUrl, log, options, newProgress);
  }
}
