package dev.tidemark.watcher.capture;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.Inotify;
import dev.tidemark.filesystem.linux.InotifyEvent;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NativePath;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.filesystem.linux.WatchMask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** One watch of the kernel for each directory. */
final class InotifySource implements EventSource {
  private final Inotify inotify;

  private InotifySource(Inotify inotify) {
    this.inotify = inotify;
  }

  static InotifySource open() throws SystemCallException {
    return new InotifySource(Inotify.open());
  }

  /** Whether opening a directory, which changes nothing, is told within the time. */
  static boolean tells(Descriptor directory, NativePath path, Duration patience)
      throws SystemCallException {
    try (Inotify probe = Inotify.open()) {
      int watch = probe.addWatch(directory, new WatchMask(WatchMask.CLOSE_NOWRITE));
      List<InotifyEvent> events = new ArrayList<>();
      LinuxFiles.openRoot(path).close();
      long end = System.nanoTime() + patience.toNanos();
      while (events.stream().noneMatch(event -> event.watch() == watch)) {
        long left = end - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        probe.read(events, Duration.ofNanos(left).plusMillis(1));
      }
      return true;
    }
  }

  @Override
  public OptionalInt watch(Descriptor directory) throws SystemCallException {
    return OptionalInt.of(inotify.addWatch(directory, WatchMask.CHANGES));
  }

  @Override
  public void unwatch(int watch) throws SystemCallException {
    inotify.removeWatch(watch);
  }

  @Override
  public int read(List<CaptureEvent> into) throws SystemCallException {
    List<InotifyEvent> events = new ArrayList<>();
    int count = inotify.read(events);
    translate(events, into);
    return count;
  }

  @Override
  public boolean readAvailable(List<CaptureEvent> into) throws SystemCallException {
    List<InotifyEvent> events = new ArrayList<>();
    boolean any = inotify.readAvailable(events) > 0;
    translate(events, into);
    return any;
  }

  private static void translate(List<InotifyEvent> events, List<CaptureEvent> into) {
    for (InotifyEvent event : events) {
      into.add(new CaptureEvent(event.watch(), event.mask(), event.cookie(), event.name()));
    }
  }

  @Override
  public void wake() throws SystemCallException {
    inotify.wake();
  }

  @Override
  public void close() throws SystemCallException {
    inotify.close();
  }
}
