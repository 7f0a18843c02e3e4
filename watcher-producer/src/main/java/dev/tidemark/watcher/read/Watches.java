package dev.tidemark.watcher.read;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.FileStatus;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.watcher.capture.EventSource;
import java.util.OptionalInt;

/** Asks for events of a directory by its own descriptor. Safe from several threads. */
public final class Watches {
  private final TreeRoot root;
  private final EventSource source;

  public Watches(TreeRoot root, EventSource source) {
    this.root = root;
    this.source = source;
  }

  /**
   * Watches the directory that stands at a name.
   *
   * @param inode which it must be; if it is another one meanwhile, that one is not watched
   */
  WatchOutcome watch(Descriptor parent, byte[] name, long inode) {
    try (Descriptor handle = LinuxFiles.openHandle(parent, name)) {
      FileStatus status = LinuxFiles.status(handle);
      if (status.inode() != inode) {
        return new WatchOutcome.NotAsked();
      }
      return root.holds(status) ? watch(handle) : new WatchOutcome.MountPoint();
    } catch (SystemCallException e) {
      return new WatchOutcome.Refused(e);
    }
  }

  /** Watches a directory that is open. */
  public WatchOutcome watch(Descriptor directory) {
    try {
      OptionalInt watch = source.watch(directory);
      return watch.isPresent()
          ? new WatchOutcome.Watched(watch.getAsInt())
          : new WatchOutcome.ByScan();
    } catch (SystemCallException e) {
      return new WatchOutcome.Refused(e);
    }
  }
}
