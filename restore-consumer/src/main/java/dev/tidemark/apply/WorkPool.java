package dev.tidemark.apply;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Platform threads for file work, with a bound on tasks accepted and not done; past it, {@link
 * #submit} waits. The first failure of a task ends all: later tasks are not run, and the failure is
 * thrown by the next call.
 */
final class WorkPool implements AutoCloseable {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final ExecutorService threads;
  private final int bound;
  private final Semaphore free;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  WorkPool(String name, int workers) {
    threads =
        Executors.newFixedThreadPool(
            workers,
            task -> {
              Thread thread = new Thread(task, name + "-" + NUMBER.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    bound = 2 * workers + 2;
    free = new Semaphore(bound);
  }

  interface Task {
    void run() throws IOException;
  }

  boolean isFailed() {
    return failure.get() != null;
  }

  /** Throws what has failed, if anything has. */
  void requireRunning() throws IOException {
    throwFailure();
  }

  void submit(Task task) throws IOException {
    acquire(1);
    if (isFailed()) {
      free.release();
      throwFailure();
    }
    threads.execute(() -> runTask(task));
  }

  private void runTask(Task task) {
    try {
      if (!isFailed()) {
        task.run();
      }
    } catch (IOException | RuntimeException | Error e) {
      failure.compareAndSet(null, e);
    } finally {
      free.release();
    }
  }

  /** Waits until all tasks are done. */
  void await() throws IOException {
    acquire(bound);
    free.release(bound);
    throwFailure();
  }

  private void acquire(int permits) throws IOException {
    try {
      free.acquire(permits);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while files were written");
    }
  }

  private void throwFailure() throws IOException {
    Throwable failed = failure.get();
    switch (failed) {
      case null -> {
        // Nothing failed.
      }
      case IOException e -> throw e;
      case Error e -> throw e;
      case RuntimeException e -> throw e;
      default -> throw new AssertionError(failed);
    }
  }

  /** Waits for the tasks under way; those not begun are dropped. */
  @Override
  public void close() {
    failure.compareAndSet(null, new IOException("closed"));
    threads.shutdown();
    boolean interrupted = false;
    boolean done = false;
    while (!done) {
      try {
        done = threads.awaitTermination(1, TimeUnit.HOURS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
