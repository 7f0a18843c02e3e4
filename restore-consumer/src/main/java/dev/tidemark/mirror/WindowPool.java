package dev.tidemark.mirror;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Works on the windows of one file, as many at a time as there are threads. */
final class WindowPool {
  /** One after the other, on the caller's thread. */
  static final WindowPool ALONE = new WindowPool(null, 1);

  private final @Nullable ExecutorService threads;
  private final int atATime;

  /**
   * @param threads of which none calls {@link #run}, or none would be left for the work; null for
   *     the caller's own
   */
  WindowPool(@Nullable ExecutorService threads, int atATime) {
    this.threads = threads;
    this.atATime = atATime;
  }

  /** Work on one window. */
  interface Work {
    void run() throws IOException;
  }

  /** Gives one window after the other. */
  interface Windows {
    /** Empty at the end. */
    Optional<Work> next() throws IOException;
  }

  /** Returns when all is done, or one has failed and none is under way. */
  void run(Windows windows) throws IOException {
    List<Callable<Void>> turn = new ArrayList<>();
    for (Optional<Work> next = windows.next(); next.isPresent(); next = windows.next()) {
      Work work = next.get();
      if (threads == null) {
        work.run();
        continue;
      }
      turn.add(
          () -> {
            work.run();
            return null;
          });
      if (turn.size() == atATime) {
        run(threads, turn);
        turn.clear();
      }
    }
    if (threads != null) {
      run(threads, turn);
    }
  }

  private static void run(ExecutorService pool, List<Callable<Void>> turn) throws IOException {
    try {
      for (Future<Void> done : pool.invokeAll(turn)) {
        done.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a file was written");
    } catch (ExecutionException e) {
      throw FileRun.cause(e);
    }
  }
}
