package dev.tidemark.mirror;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/** Works on the windows of one file, as many at a time as there are threads. */
final class WindowPool {
  /** One after the other, on the caller's thread. */
  static final WindowPool ALONE = new WindowPool(Runnable::run, 1);

  private final Executor threads;
  private final int atATime;

  /**
   * @param threads of which none calls {@link #run}, or none would be left for the work
   */
  WindowPool(Executor threads, int atATime) {
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
    List<Callable<Boolean>> turn = new ArrayList<>();
    for (Optional<Work> next = windows.next(); next.isPresent(); next = windows.next()) {
      Work work = next.get();
      turn.add(
          () -> {
            work.run();
            return true;
          });
      if (turn.size() == atATime) {
        results(threads, turn);
        turn.clear();
      }
    }
    results(threads, turn);
  }

  /**
   * Has tasks run. Returns when none is under way, even if one fails or the caller is interrupted:
   * what they write to may be closed then.
   *
   * @return what they answered, in their order
   * @throws IOException of the first of them that failed
   */
  static <T> List<T> results(Executor threads, List<Callable<T>> tasks) throws IOException {
    List<FutureTask<T>> running = tasks.stream().map(FutureTask::new).toList();
    running.forEach(threads::execute);
    boolean interrupted = false;
    for (FutureTask<T> task : running) {
      interrupted |= awaitEnd(task);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while files were written");
    }
    List<T> results = new ArrayList<>(running.size());
    for (FutureTask<T> task : running) {
      if (task.state() == Future.State.FAILED) {
        throw failure(task.exceptionNow());
      }
      results.add(task.resultNow());
    }
    return results;
  }

  /** Whether the thread was interrupted meanwhile. */
  private static boolean awaitEnd(Future<?> task) {
    boolean interrupted = false;
    while (!task.isDone()) {
      try {
        task.get();
      } catch (InterruptedException e) {
        interrupted = true;
      } catch (ExecutionException failed) {
        // Told when none is under way any more.
        break;
      }
    }
    return interrupted;
  }

  private static IOException failure(Throwable cause) {
    return switch (cause) {
      case IOException failure -> failure;
      case Error error -> throw error;
      case RuntimeException failure -> throw failure;
      default -> throw new AssertionError(cause);
    };
  }
}
