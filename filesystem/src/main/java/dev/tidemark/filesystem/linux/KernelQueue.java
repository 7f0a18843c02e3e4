package dev.tidemark.filesystem.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A descriptor from which events are read, and a way to wake its reader. One thread at a time
 * reads; any thread makes other calls with it, wakes the reader, or closes. Closing waits for the
 * calls under way, of which it wakes the reader.
 */
final class KernelQueue implements AutoCloseable {
  static final int NO_TIMEOUT = -1;

  /** A busy writer fills a queue in some 50 ms: take much at once. */
  private static final int BUFFER_BYTES = 1 << 20;

  private static final long POLL_FD = Layouts.offset(Layouts.POLLFD, "fd");
  private static final long POLL_EVENTS = Layouts.offset(Layouts.POLLFD, "events");
  private static final long POLL_REVENTS = Layouts.offset(Layouts.POLLFD, "revents");
  private static final long POLLFD_BYTES = Layouts.POLLFD.byteSize();

  private final String what;
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

  /** A call with the descriptor of the events. */
  interface Call<T> {
    T with(int events) throws SystemCallException;
  }

  /** Takes what was read; the segment is valid during the call. */
  interface Decoder {
    int decode(MemorySegment filled) throws SystemCallException;
  }

  private KernelQueue(String what, Descriptor events, Descriptor waker) {
    this.what = what;
    this.events = events;
    this.waker = waker;
  }

  /**
   * Takes over a descriptor, which is closed if this fails.
   *
   * @param what it is, for errors
   */
  static KernelQueue of(String what, int events) throws SystemCallException {
    Scratch scratch = Scratch.ofThread();
    Descriptor opened = new Descriptor(events);
    int waker = LibC.eventfd(scratch, 0, LinuxConstants.EFD_CLOEXEC | LinuxConstants.EFD_NONBLOCK);
    if (waker < 0) {
      SystemCallException failure =
          new SystemCallException("eventfd", "of " + what, scratch.errno());
      try (opened) {
        throw failure;
      }
    }
    return new KernelQueue(what, opened, new Descriptor(waker));
  }

  /** Makes a call while the queue is open. */
  <T> T call(Call<T> call) throws SystemCallException {
    lifetime.readLock().lock();
    try {
      requireOpen();
      return call.with(events.number());
    } finally {
      lifetime.readLock().unlock();
    }
  }

  /**
   * Waits for events, {@link #wake}, or the time-out, and decodes what there is, up to 1 MiB of it.
   *
   * @return what the decoder did; 0 if there was nothing
   * @throws IllegalStateException if the queue is closed before the call
   */
  int read(int timeoutMillis, Decoder decoder) throws SystemCallException {
    lifetime.readLock().lock();
    try {
      reading.lock();
      try {
        requireOpen();
        return await(timeoutMillis) ? readSome(decoder).orElse(0) : 0;
      } finally {
        reading.unlock();
      }
    } finally {
      lifetime.readLock().unlock();
    }
  }

  /**
   * As {@link #read} without waiting.
   *
   * @return what the decoder did; empty if every event that had happened before the call was read
   */
  OptionalInt readAvailable(Decoder decoder) throws SystemCallException {
    lifetime.readLock().lock();
    try {
      reading.lock();
      try {
        requireOpen();
        return readSome(decoder);
      } finally {
        reading.unlock();
      }
    } finally {
      lifetime.readLock().unlock();
    }
  }

  /** Makes the read under way return, or else the next one. */
  void wake() throws SystemCallException {
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
      throw new SystemCallException("write", "eventfd of " + what, scratch.errno());
    }
  }

  /** Whether there are events. A wake is consumed, and comes first. */
  private boolean await(int timeoutMillis) throws SystemCallException {
    Scratch scratch = Scratch.ofThread();
    prepare(0, events);
    prepare(POLLFD_BYTES, waker);
    int ready = LibC.poll(scratch, polled, 2, timeoutMillis);
    if (ready < 0) {
      throw new SystemCallException("poll", what, scratch.errno());
    }
    if (polled.get(JAVA_SHORT, POLLFD_BYTES + POLL_REVENTS) != 0) {
      if (LibC.read(scratch, waker.number(), counter, Long.BYTES) < 0
          && !scratch.failedWith(Errno.EAGAIN)) {
        throw new SystemCallException("read", "eventfd of " + what, scratch.errno());
      }
      return false;
    }
    return ready > 0;
  }

  private void prepare(long at, Descriptor descriptor) {
    polled.set(JAVA_INT, at + POLL_FD, descriptor.number());
    polled.set(JAVA_SHORT, at + POLL_EVENTS, LinuxConstants.POLLIN);
    polled.set(JAVA_SHORT, at + POLL_REVENTS, (short) 0);
  }

  private OptionalInt readSome(Decoder decoder) throws SystemCallException {
    Scratch scratch = Scratch.ofThread();
    long length = LibC.read(scratch, events.number(), buffer, BUFFER_BYTES);
    if (length < 0) {
      if (scratch.failedWith(Errno.EAGAIN)) {
        return OptionalInt.empty();
      }
      throw new SystemCallException("read", what, scratch.errno());
    }
    return OptionalInt.of(decoder.decode(buffer.asSlice(0, length)));
  }

  private void requireOpen() {
    if (closed.get()) {
      throw new IllegalStateException("Closed already: " + what);
    }
  }
}
