package dev.tidemark.watcher.read;

import dev.tidemark.filesystem.linux.SystemCallException;

/** Whether a directory's events will be told. */
public sealed interface WatchOutcome {
  record NotAsked() implements WatchOutcome {}

  /**
   * @param watch number of the watch, which may be one that another directory id had
   */
  record Watched(int watch) implements WatchOutcome {}

  /** The tree's changes are found by comparing it. */
  record ByScan() implements WatchOutcome {}

  /** Another filesystem, or another part of one, is mounted there: nothing below it is ours. */
  record MountPoint() implements WatchOutcome {}

  record Refused(SystemCallException cause) implements WatchOutcome {}
}
