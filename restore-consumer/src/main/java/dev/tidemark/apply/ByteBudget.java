package dev.tidemark.apply;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** How many bytes may be held at once. One of more than that has the whole for itself. */
final class ByteBudget {
  private static final int UNIT_BYTES = 1 << 10;
  private static final long LOOK_MILLIS = 100;

  private final int all;
  private final Semaphore free;

  ByteBudget(long bytes) {
    all = Math.toIntExact(Math.max(1, bytes / UNIT_BYTES));
    free = new Semaphore(all);
  }

  private int units(long bytes) {
    return (int) Math.min(all, Math.ceilDiv(bytes, UNIT_BYTES));
  }

  boolean tryTake(long bytes) {
    return free.tryAcquire(units(bytes));
  }

  /** What may end the waiting, by throwing. */
  interface Look {
    void look() throws IOException;
  }

  /** Waits until the bytes are free. */
  void take(long bytes, Look look) throws IOException {
    try {
      while (!free.tryAcquire(units(bytes), LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        look.look();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while files were written");
    }
  }

  void give(long bytes) {
    free.release(units(bytes));
  }
}
