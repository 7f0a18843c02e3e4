package dev.tidemark.filesystem.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * One inotify instance. One thread at a time reads; any thread adds and removes watches, wakes the
 * reader, or closes. Closing waits for the calls under way, of which it wakes the reader.
 *
 * <p>The kernel's queue is bounded ({@code fs.inotify.max_queued_events} as it was when opened):
 * past it, events are lost and one that {@linkplain InotifyEvent#isOverflow says so} is read.
 */
public final class Inotify implements AutoCloseable {
  /** A busy writer fills a queue in some 50 ms: take much at once. */
  private static final int BUFFER_BYTES = 1 << 20;

  private static final int NO_TIMEOUT = -1;
  private static final int WATCH_FLAGS = LinuxConstants.IN_ONLYDIR | LinuxConstants.IN_EXCL_UNLINK;

  private static final long WD = Layouts.offset(Layouts.INOTIFY_EVENT, "wd");
  private static final long MASK = Layouts.offset(Layouts.INOTIFY_EVENT, "mask");
  private static final long COOKIE = Layouts.offset(Layouts.INOTIFY_EVENT, "cookie");
  private static final long LEN = Layouts.offset(Layouts.INOTIFY_EVENT, "len");
  private static final long EVENT_BYTES = Layouts.INOTIFY_EVENT.byteSize();
  private static final long POLL_FD = Layouts.offset(Layouts.POLLFD, "fd");
  private static final long POLL_EVENTS = Layouts.offset(Layouts.POLLFD, "events");
  private static final long POLL_REVENTS = Layouts.offset(Layouts.POLLFD, "revents");
  private static final long POLLFD_BYTES = Layouts.POLLFD.byteSize();

  private final Descriptor events;
  private final Descriptor waker;

  /** Held for reading by calls, for writing by close: a descriptor is not closed under a call. */
  private final ReentrantReadWriteLock lifetime = new ReentrantReadWriteLock();

  /** Held by the one reader; guards the buffers. */
  private final ReentrantLock reading = new ReentrantLock();

  // Read by whichever thread reads, freed by whichever closes.
  private final Arena arena = Arena.ofShared();
  private final MemorySegment buffer = arena.allocate(BUFFER_BYTES, Long.BYTES);
  private final MemorySegment polled = arena.allocate(Layouts.POLLFD, 2);
  private final MemorySegment counter = arena.allocate(JAVA_LONG);

  private final AtomicBoolean closed = new AtomicBoolean();

  private Inotify(Descriptor events, Descriptor waker) {
    this.events = events;
    this.waker = waker;
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
    Descriptor opened = new Descriptor(events);
    int waker = LibC.eventfd(scratch, 0, LinuxConstants.EFD_CLOEXEC | LinuxConstants.EFD_NONBLOCK);
    if (waker < 0) {
      SystemCallException failure =
          new SystemCallException("eventfd", "of an inotify instance", scratch.errno());
      try (opened) {
        throw failure;
      }
    }
    return new Inotify(opened, new Descriptor(waker));
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
    lifetime.readLock().lock();
    try {
      requireOpen();
      Scratch scratch = Scratch.ofThread();
      // Not with IN_DONT_FOLLOW, which would watch the link in /proc and never fire.
      int watch =
          LibC.inotifyAddWatch(
              scratch,
              events.number(),
              scratch.procPath(directory.number()),
              mask.bits() | WATCH_FLAGS);
      if (watch < 0) {
        throw Names.failed(scratch, "inotify_add_watch", directory);
      }
      return watch;
    } finally {
      lifetime.readLock().unlock();
    }
  }

  /**
   * Ends a watch; does nothing if the kernel has ended it already, as it does with its directory.
   */
  public void removeWatch(int watch) throws SystemCallException {
    lifetime.readLock().lock();
    try {
      requireOpen();
      Scratch scratch = Scratch.ofThread();
      if (LibC.inotifyRmWatch(scratch, events.number(), watch) < 0
          && !scratch.failedWith(Errno.EINVAL)) {
        throw new SystemCallException("inotify_rm_watch", "watch " + watch, scratch.errno());
      }
    } finally {
      lifetime.readLock().unlock();
    }
  }

  /**
   * Waits for events or {@link #wake}, and appends what there is, up to 1 MiB of it.
   *
   * @return how many were appended; 0 if it was woken
   * @throws IllegalStateException if the instance is closed before the call
   */
  public int read(List<InotifyEvent> into) throws SystemCallException {
    lifetime.readLock().lock();
    try {
      reading.lock();
      try {
        requireOpen();
        return await() ? readSome(into) : 0;
      } finally {
        reading.unlock();
      }
    } finally {
      lifetime.readLock().unlock();
    }
  }

  /**
   * Appends what there is now, up to 1 MiB of it, and does not wait.
   *
   * @return how many were appended; 0 if every event that had happened before the call was read
   * @throws IllegalStateException if the instance is closed before the call
   */
  public int readAvailable(List<InotifyEvent> into) throws SystemCallException {
    lifetime.readLock().lock();
    try {
      reading.lock();
      try {
        requireOpen();
        return readSome(into);
      } finally {
        reading.unlock();
      }
    } finally {
      lifetime.readLock().unlock();
    }
  }

  /** Makes the read under way return, or else the next one. */
  public void wake() throws SystemCallException {
    lifetime.readLock().lock();
    try {
      if (!closed.get()) {
        ring();
      }
    } finally {
      lifetime.readLock().unlock();
    }
  }

  @Override
  public void close() throws SystemCallException {
    lifetime.readLock().lock();
    try {
      if (closed.getAndSet(true)) {
        return;
      }
      ring();
    } finally {
      lifetime.readLock().unlock();
    }
    lifetime.writeLock().lock();
    try (arena;
        waker;
        events) {
      // All that is left to do is what the header names.
    } finally {
      lifetime.writeLock().unlock();
    }
  }

  private void ring() throws SystemCallException {
    Scratch scratch = Scratch.ofThread();
    MemorySegment one = scratch.transfer();
    one.set(JAVA_LONG, 0, 1);
    // EAGAIN means that the counter is full: the reader has been woken often enough.
    if (LibC.write(scratch, waker.number(), one, Long.BYTES) < 0
        && !scratch.failedWith(Errno.EAGAIN)) {
      throw new SystemCallException("write", "eventfd of an inotify instance", scratch.errno());
    }
  }

  /** Whether there are events. A wake is consumed, and comes first. */
  private boolean await() throws SystemCallException {
    Scratch scratch = Scratch.ofThread();
    prepare(0, events);
    prepare(POLLFD_BYTES, waker);
    if (LibC.poll(scratch, polled, 2, NO_TIMEOUT) < 0) {
      throw new SystemCallException("poll", "inotify instance", scratch.errno());
    }
    if (polled.get(JAVA_SHORT, POLLFD_BYTES + POLL_REVENTS) != 0) {
      if (LibC.read(scratch, waker.number(), counter, Long.BYTES) < 0
          && !scratch.failedWith(Errno.EAGAIN)) {
        throw new SystemCallException("read", "eventfd of an inotify instance", scratch.errno());
      }
      return false;
    }
    return true;
  }

  private void prepare(long at, Descriptor descriptor) {
    polled.set(JAVA_INT, at + POLL_FD, descriptor.number());
    polled.set(JAVA_SHORT, at + POLL_EVENTS, LinuxConstants.POLLIN);
    polled.set(JAVA_SHORT, at + POLL_REVENTS, (short) 0);
  }

  private int readSome(List<InotifyEvent> into) throws SystemCallException {
    Scratch scratch = Scratch.ofThread();
    long length = LibC.read(scratch, events.number(), buffer, BUFFER_BYTES);
    if (length < 0) {
      if (scratch.failedWith(Errno.EAGAIN)) {
        return 0;
      }
      throw new SystemCallException("read", "inotify instance", scratch.errno());
    }
    MemorySegment filled = buffer.asSlice(0, length);
    int count = 0;
    long at = 0;
    while (at < length) {
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

  private void requireOpen() {
    if (closed.get()) {
      throw new IllegalStateException("This inotify instance is closed");
    }
  }
}
