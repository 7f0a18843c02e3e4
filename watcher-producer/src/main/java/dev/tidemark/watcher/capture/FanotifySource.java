package dev.tidemark.watcher.capture;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.Fanotify;
import dev.tidemark.filesystem.linux.FanotifyEvent;
import dev.tidemark.filesystem.linux.FileHandle;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NativePath;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.filesystem.linux.WatchMask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One mark for each filesystem that holds a directory of the tree. All of the filesystem's events
 * come; those of directories nobody asked for are dropped by the reading thread.
 *
 * <p>Directories are known by the handles they had when they were asked for, never by asking for
 * the place of a handle: that would be today's, and fail for what is deleted.
 */
final class FanotifySource implements EventSource {
  private static final WatchMask MASK =
      new WatchMask(WatchMask.CHANGES.bits() & ~WatchMask.MOVE_SELF);

  private final Fanotify fanotify;
  private final Set<Long> marked = ConcurrentHashMap.newKeySet();
  private final Map<FileHandle, Integer> tokens = new ConcurrentHashMap<>();
  private final Map<Integer, FileHandle> handles = new ConcurrentHashMap<>();
  private final AtomicInteger lastToken = new AtomicInteger();

  /** Owned by the reader. */
  private int lastCookie;

  private FanotifySource(Fanotify fanotify) {
    this.fanotify = fanotify;
  }

  static FanotifySource open(Fanotify.Queue queue) throws SystemCallException {
    return new FanotifySource(Fanotify.open(queue));
  }

  /** Whether opening a directory, which changes nothing, is told within the time. */
  static boolean tells(Descriptor directory, NativePath path, Duration patience)
      throws SystemCallException {
    try (Fanotify probe = Fanotify.open(Fanotify.Queue.BOUNDED)) {
      // Also tried with all that will be asked for.
      probe.markFilesystem(directory, MASK);
      probe.markFilesystem(directory, new WatchMask(WatchMask.CLOSE_NOWRITE));
      FileHandle handle = FileHandle.of(directory);
      List<FanotifyEvent> events = new ArrayList<>();
      LinuxFiles.openRoot(path).close();
      long end = System.nanoTime() + patience.toNanos();
      while (events.stream().noneMatch(FanotifySource::isClose)) {
        long left = end - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        probe.read(handle::equals, events, Duration.ofNanos(left).plusMillis(1));
      }
      return true;
    }
  }

  private static boolean isClose(FanotifyEvent event) {
    return event instanceof FanotifyEvent.At at && at.has(WatchMask.CLOSE_NOWRITE);
  }

  @Override
  public OptionalInt watch(Descriptor directory) throws SystemCallException {
    FileHandle handle = FileHandle.of(directory);
    if (!marked.contains(handle.filesystem())) {
      // Twice does no harm; an event is told from the first one's return on.
      fanotify.markFilesystem(directory, MASK);
      marked.add(handle.filesystem());
    }
    return OptionalInt.of(
        tokens.computeIfAbsent(
            handle,
            fresh -> {
              int token = lastToken.incrementAndGet() & Integer.MAX_VALUE;
              handles.put(token, fresh);
              return token;
            }));
  }

  @Override
  public void unwatch(int watch) {
    FileHandle handle = handles.remove(watch);
    if (handle != null) {
      tokens.remove(handle, watch);
    }
  }

  @Override
  public int read(List<CaptureEvent> into) throws SystemCallException {
    int before = into.size();
    List<FanotifyEvent> events = new ArrayList<>();
    fanotify.read(tokens::containsKey, events);
    translate(events, into);
    return into.size() - before;
  }

  @Override
  public boolean readAvailable(List<CaptureEvent> into) throws SystemCallException {
    List<FanotifyEvent> events = new ArrayList<>();
    boolean any = fanotify.readAvailable(tokens::containsKey, events).isPresent();
    translate(events, into);
    return any;
  }

  private void translate(List<FanotifyEvent> events, List<CaptureEvent> into) {
    for (FanotifyEvent event : events) {
      switch (event) {
        case FanotifyEvent.Overflow() -> into.add(CaptureEvent.overflow());
        case FanotifyEvent.At at -> at(at, into);
        case FanotifyEvent.Renamed renamed -> renamed(renamed, into);
      }
    }
  }

  private void at(FanotifyEvent.At event, List<CaptureEvent> into) {
    Integer token = tokens.get(event.directory());
    if (token == null) {
      return;
    }
    int kind = event.mask() & WatchMask.IS_DIRECTORY;
    int halves = WatchMask.MOVED_FROM | WatchMask.MOVED_TO;
    int rest = event.mask() & ~halves & ~WatchMask.IS_DIRECTORY;
    if (rest != 0) {
      into.add(new CaptureEvent(token, rest | kind, 0, event.name()));
    }
    // A kernel that does not tell both names of a rename: each end is looked at by itself.
    if (event.has(WatchMask.MOVED_FROM)) {
      into.add(new CaptureEvent(token, WatchMask.MOVED_FROM | kind, ++lastCookie, event.name()));
    }
    if (event.has(WatchMask.MOVED_TO)) {
      into.add(new CaptureEvent(token, WatchMask.MOVED_TO | kind, ++lastCookie, event.name()));
    }
    if (event.has(WatchMask.DELETE_SELF) && event.name().length == 0) {
      // Another directory may have its inode number now, but not its handle.
      unwatch(token);
      into.add(CaptureEvent.ended(token));
    }
  }

  private void renamed(FanotifyEvent.Renamed event, List<CaptureEvent> into) {
    int cookie = ++lastCookie;
    Integer from = tokens.get(event.from());
    if (from != null) {
      into.add(
          new CaptureEvent(from, WatchMask.MOVED_FROM | event.mask(), cookie, event.fromName()));
    }
    Integer to = tokens.get(event.to());
    if (to != null) {
      into.add(new CaptureEvent(to, WatchMask.MOVED_TO | event.mask(), cookie, event.toName()));
    }
  }

  @Override
  public void wake() throws SystemCallException {
    fanotify.wake();
  }

  @Override
  public void close() throws SystemCallException {
    fanotify.close();
  }
}
