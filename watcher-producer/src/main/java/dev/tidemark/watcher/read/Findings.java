package dev.tidemark.watcher.read;

import dev.tidemark.watcher.state.Name;
import java.io.IOException;
import java.util.List;

/**
 * A part of what a scan of one directory found.
 *
 * @param known directories published under this name and still there by type and inode
 * @param differing names that have to be looked at
 * @param examined entries compared, of which the rest are as published
 * @param recorded of them, those that were published
 * @param listed of them, those that stand there
 */
public record Findings(
    ReadTask.Scan scan,
    List<KnownDirectory> known,
    List<Difference> differing,
    long examined,
    long recorded,
    long listed,
    Progress progress) {
  /**
   * A directory that is published.
   *
   * @param id under which it was published
   * @param watch the watch that it has now
   */
  public record KnownDirectory(Name name, long id, long inode, WatchOutcome watch) {}

  /**
   * @param bits of {@link dev.tidemark.watcher.dirty.Mark}
   * @param gone published entries that this takes out of the tree if it is as it seems: itself, and
   *     what was published below it; 0 if nothing goes
   */
  public record Difference(Name name, int bits, long gone) {}

  /** Whether more comes. */
  public sealed interface Progress {
    /** The scanner waits at the gate. */
    record More() implements Progress {}

    record Complete() implements Progress {}

    /** The directory was not where it was expected. */
    record Stale() implements Progress {}

    /** It, or some of it, could not be listed: nothing is known about what it holds. */
    record Unreadable(IOException cause) implements Progress {}
  }
}
