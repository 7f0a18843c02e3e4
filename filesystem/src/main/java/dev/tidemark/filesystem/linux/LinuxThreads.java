package dev.tidemark.filesystem.linux;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Threads as the kernel schedules them. */
public final class LinuxThreads {
  private static final int PRIO_PROCESS = 0;
  private static final int THIS_THREAD = 0;

  private LinuxThreads() {}

  /**
   * Calls {@code work} on a new thread with a nice value (setpriority(2)); to Linux each thread has
   * its own, and begins with that of the thread that starts it. So all threads that the work
   * starts, and those that they start, give way to others when processors are short.
   *
   * @param nice 0 to 19: the greater, the less
   * @return what the work returns
   */
  public static <T> T callNice(String name, int nice, Callable<T> work) throws IOException {
    FutureTask<T> task =
        new FutureTask<>(
            () -> {
              setNice(nice);
              return work.call();
            });
    Thread.ofPlatform().name(name).daemon().start(task);
    try {
      return task.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException io -> throw io;
        case RuntimeException runtime -> throw runtime;
        case Error error -> throw error;
        case null, default -> throw new IOException(name + " failed", e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for " + name);
    }
  }

  private static void setNice(int nice) throws SystemCallException {
    Scratch scratch = Scratch.ofThread();
    if (LibC.setpriority(scratch, PRIO_PROCESS, THIS_THREAD, nice) < 0) {
      throw new SystemCallException("setpriority", "of nice " + nice, scratch.errno());
    }
  }
}
