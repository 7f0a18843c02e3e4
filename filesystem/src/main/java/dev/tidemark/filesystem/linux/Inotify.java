package dev.tidemark.filesystem.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;

/**
 * One inotify instance. One thread at a time reads; any thread adds and removes watches, wakes the
 * reader, or closes. Closing waits for the calls under way, of which it wakes the reader.
 *
 * <p>The kernel's queue is bounded ({@code fs.inotify.max_queued_events} as it was when opened):
 * past it, events are lost and one that {@linkplain InotifyEvent#isOverflow says so} is read.
 */
public final class Inotify implements AutoCloseable {
  private static final int WATCH_FLAGS = LinuxConstants.IN_ONLYDIR | LinuxConstants.IN_EXCL_UNLINK;

  private static final long WD = Layouts.offset(Layouts.INOTIFY_EVENT, "wd");
  private static final long MASK = Layouts.offset(Layouts.INOTIFY_EVENT, "mask");
  private static final long COOKIE = Layouts.offset(Layouts.INOTIFY_EVENT, "cookie");
  private static final long LEN = Layouts.offset(Layouts.INOTIFY_EVENT, "len");
  private static final long EVENT_BYTES = Layouts.INOTIFY_EVENT.byteSize();

  private final KernelQueue queue;

  private Inotify(KernelQueue queue) {
    this.queue = queue;
  }

  /**
   * Opens an instance.
   *
   * @throws SystemCallException EMFILE when this user has no more instances
   */
  public static Inotify open() throws SystemCallException {
    Scratch scratch = Scratch.ofThread();
    int events = LibC.inotifyInit1(scratch, LinuxConstants.IN_CLOEXEC | LinuxConstants.IN_NONBLOCK);
    if (events < 0) {
      throw new SystemCallException("inotify_init1", "instance", scratch.errno());
    }
    return new Inotify(KernelQueue.of("an inotify instance", events));
  }

  /**
   * Watches the very directory that is open, wherever it stands. A directory watched already keeps
   * its number and takes the new mask.
   *
   * @param directory open in any way, also as a handle
   * @return the watch's number; numbers are not given again before they have run through
   * @throws SystemCallException ENOSPC when this user's watches are used up; ENOTDIR if it is no
   *     directory; EACCES if it may not be read
   */
  public int addWatch(Descriptor directory, WatchMask mask) throws SystemCallException {
    return queue.call(
        events -> {
          Scratch scratch = Scratch.ofThread();
          // Not with IN_DONT_FOLLOW, which would watch the link in /proc and never fire.
          int watch =
              LibC.inotifyAddWatch(
                  scratch, events, scratch.procPath(directory.number()), mask.bits() | WATCH_FLAGS);
          if (watch < 0) {
            throw Names.failed(scratch, "inotify_add_watch", directory);
          }
          return watch;
        });
  }

  /**
   * Ends a watch; does nothing if the kernel has ended it already, as it does with its directory.
   */
  public void removeWatch(int watch) throws SystemCallException {
    queue.<Integer>call(
        events -> {
          Scratch scratch = Scratch.ofThread();
          int result = LibC.inotifyRmWatch(scratch, events, watch);
          if (result < 0 && !scratch.failedWith(Errno.EINVAL)) {
            throw new SystemCallException("inotify_rm_watch", "watch " + watch, scratch.errno());
          }
          return result;
        });
  }

  /**
   * Waits for events or {@link #wake}, and appends what there is, up to 1 MiB of it.
   *
   * @return how many were appended; 0 if it was woken
   * @throws IllegalStateException if the instance is closed before the call
   */
  public int read(List<InotifyEvent> into) throws SystemCallException {
    return queue.read(KernelQueue.NO_TIMEOUT, filled -> decode(filled, into));
  }

  /** As {@link #read(List)}, but waits no longer than that, up to 20 days; 0 then. */
  public int read(List<InotifyEvent> into, Duration timeout) throws SystemCallException {
    return queue.read(Math.toIntExact(timeout.toMillis()), filled -> decode(filled, into));
  }

  /**
   * Appends what there is now, up to 1 MiB of it, and does not wait.
   *
   * @return how many were appended; 0 if every event that had happened before the call was read
   * @throws IllegalStateException if the instance is closed before the call
   */
  public int readAvailable(List<InotifyEvent> into) throws SystemCallException {
    return queue.readAvailable(filled -> decode(filled, into)).orElse(0);
  }

  /** Makes the read under way return, or else the next one. */
  public void wake() throws SystemCallException {
    queue.wake();
  }

  @Override
  public void close() throws SystemCallException {
    queue.close();
  }

  private static int decode(MemorySegment filled, List<InotifyEvent> into) {
    int count = 0;
    long at = 0;
    while (at < filled.byteSize()) {
      int nameBytes = filled.get(JAVA_INT, at + LEN);
      into.add(
          new InotifyEvent(
              filled.get(JAVA_INT, at + WD),
              filled.get(JAVA_INT, at + MASK),
              filled.get(JAVA_INT, at + COOKIE),
              name(filled, at + EVENT_BYTES, nameBytes)));
      at += EVENT_BYTES + nameBytes;
      count++;
    }
    return count;
  }

  /** The kernel pads names with NULs. */
  private static byte[] name(MemorySegment segment, long from, int padded) {
    int length = 0;
    while (length < padded && segment.get(JAVA_BYTE, from + length) != 0) {
      length++;
    }
    byte[] name = new byte[length];
    MemorySegment.copy(segment, JAVA_BYTE, from, name, 0, length);
    return name;
  }
}
