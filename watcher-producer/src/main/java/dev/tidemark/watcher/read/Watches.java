package dev.tidemark.watcher.read;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.Inotify;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.filesystem.linux.WatchMask;

/** Adds watches by a directory's own descriptor. Safe from several threads. */
public final class Watches {
  private final Inotify inotify;

  public Watches(Inotify inotify) {
    this.inotify = inotify;
  }

  /**
   * Watches the directory that stands at a name.
   *
   * @param inode which it must be; if it is another one meanwhile, that one is not watched
   */
  WatchOutcome watch(Descriptor parent, byte[] name, long inode) {
    try (Descriptor handle = LinuxFiles.openHandle(parent, name)) {
      return LinuxFiles.status(handle).inode() == inode
          ? watch(handle)
          : new WatchOutcome.NotAsked();
    } catch (SystemCallException e) {
      return new WatchOutcome.Refused(e);
    }
  }

  /** Watches a directory that is open. */
  public WatchOutcome watch(Descriptor directory) {
    try {
      return new WatchOutcome.Watched(inotify.addWatch(directory, WatchMask.CHANGES));
    } catch (SystemCallException e) {
      return new WatchOutcome.Refused(e);
    }
  }
}
