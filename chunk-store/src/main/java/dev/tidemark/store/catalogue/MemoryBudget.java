package dev.tidemark.store.catalogue;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes of unsealed changes that a process may hold. Thread-safe. */
public final class MemoryBudget {
  private final long maxBytes;
  private final AtomicLong held = new AtomicLong();

  public MemoryBudget(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Takes {@code bytes} if they fit. */
  boolean tryTake(long bytes) {
    long before = held.get();
    while (before + bytes <= maxBytes) {
      long seen = held.compareAndExchange(before, before + bytes);
      if (seen == before) {
        return true;
      }
      before = seen;
    }
    return false;
  }

  /** Takes {@code bytes} past the bound, so that every tree can move by at least one change. */
  void takeAnyway(long bytes) {
    held.addAndGet(bytes);
  }

  void release(long bytes) {
    held.addAndGet(-bytes);
  }

  boolean isHalfFree() {
    return held.get() <= maxBytes / 2;
  }
}
