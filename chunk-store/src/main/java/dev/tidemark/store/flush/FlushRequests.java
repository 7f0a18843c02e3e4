package dev.tidemark.store.flush;

import java.util.Arrays;

/**
 * The offsets that are wanted durable at once, and how far this process's tasks have read. A
 * request is served when every partition that a task of this process owns has been read as far as
 * the request reaches, so that one pack takes all of them. Thread-safe.
 */
public final class FlushRequests {
  private static final long NOT_HERE = Long.MIN_VALUE;

  private final Object lock = new Object();
  private final long[] needed;
  private final long[] wanted;
  private final long[] processed;
  private boolean requested;

  public FlushRequests(int chunksPartitions) {
    needed = filled(chunksPartitions, -1);
    wanted = filled(chunksPartitions, -1);
    processed = filled(chunksPartitions, NOT_HERE);
  }

  private static long[] filled(int length, long value) {
    long[] array = new long[length];
    Arrays.fill(array, value);
    return array;
  }

  /** An accepted change names frames of {@code partition} up to {@code offset}. */
  public void needs(int partition, long offset) {
    synchronized (lock) {
      if (partition < needed.length) {
        needed[partition] = Math.max(needed[partition], offset);
      }
    }
  }

  /** All that was needed so far is wanted durable at once. */
  public void request() {
    synchronized (lock) {
      System.arraycopy(needed, 0, wanted, 0, needed.length);
      requested = true;
    }
  }

  /** A task of this process has read {@code partition} up to {@code offset}. */
  public void processed(int partition, long offset) {
    synchronized (lock) {
      if (partition < processed.length) {
        // A task that comes late to what was wanted asks once more, for itself.
        requested |= processed[partition] < wanted[partition] && offset >= wanted[partition];
        processed[partition] = offset;
      }
    }
  }

  /** No task of this process owns {@code partition} any more. */
  public void released(int partition) {
    synchronized (lock) {
      if (partition < processed.length) {
        processed[partition] = NOT_HERE;
      }
    }
  }

  /** Whether a flush is due; true once per request. */
  public boolean take() {
    synchronized (lock) {
      if (!requested) {
        return false;
      }
      for (int p = 0; p < wanted.length; p++) {
        if (processed[p] != NOT_HERE && processed[p] < wanted[p]) {
          return false;
        }
      }
      requested = false;
      return true;
    }
  }
}
