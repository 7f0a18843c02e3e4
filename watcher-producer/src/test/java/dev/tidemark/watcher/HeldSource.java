package dev.tidemark.watcher;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.SystemCallException;
import dev.tidemark.watcher.capture.CaptureEvent;
import dev.tidemark.watcher.capture.EventSource;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Semaphore;

/** Keeps the reader from a source, so that the kernel's queue fills up. */
final class HeldSource {
  /** What the kernel's queues of both kinds take by default. */
  static final int QUEUED = 16_384;

  private final Semaphore gate = new Semaphore(1);

  void hold() throws InterruptedException {
    gate.acquire();
  }

  void release() {
    gate.release();
  }

  EventSource around(EventSource real) {
    return new EventSource() {
      @Override
      public OptionalInt watch(Descriptor directory) throws SystemCallException {
        return real.watch(directory);
      }

      @Override
      public void unwatch(int watch) throws SystemCallException {
        real.unwatch(watch);
      }

      @Override
      public int read(List<CaptureEvent> into) throws SystemCallException {
        // What is read while it is held waits with the reader; the rest with the kernel.
        List<CaptureEvent> events = new ArrayList<>();
        real.read(events);
        gate.acquireUninterruptibly();
        gate.release();
        into.addAll(events);
        return events.size();
      }

      @Override
      public boolean readAvailable(List<CaptureEvent> into) throws SystemCallException {
        return real.readAvailable(into);
      }

      @Override
      public void wake() throws SystemCallException {
        real.wake();
      }

      @Override
      public void close() throws SystemCallException {
        real.close();
      }
    };
  }
}
