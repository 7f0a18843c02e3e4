package dev.tidemark.watcher.read;

import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.watcher.state.Name;
import java.util.List;
import java.util.concurrent.Semaphore;

/** Work for a reader: entries of one directory, so that it is opened once. */
public sealed interface ReadTask {
  /**
   * @param directory id of the directory
   */
  long directory();

  /** Where the directory stood when the task was made, relative to the root. */
  byte[] path();

  /** By which the directory is recognised. */
  long inode();

  /** A look at some entries. */
  record Look(long directory, byte[] path, long inode, List<Item> items) implements ReadTask {}

  /**
   * One entry to look at.
   *
   * @param ticket under which the answer is given
   * @param name empty for the root itself
   * @param bits of {@link dev.tidemark.watcher.dirty.Mark}
   * @param watchedInode inode of the directory that is known and watched under this name; 0 if
   *     there is none, so that a directory found is watched before the answer
   */
  record Item(long ticket, Name name, int bits, long watchedInode) {}

  /**
   * A comparison of a directory with what was published of it.
   *
   * @param pass number of the pass that it belongs to
   * @param kind FULL: all entries are reported
   * @param depth CONTENT: files that seem unchanged are reported to be read
   * @param gate holds the scanner between two parts of a large answer
   */
  record Scan(
      long directory, byte[] path, long inode, int pass, ScanKind kind, Depth depth, Semaphore gate)
      implements ReadTask {}

  /** What of a file is compared. */
  enum Depth {
    SIGNATURES,
    CONTENT
  }
}
