package dev.tidemark.cli.process;

import java.io.IOException;
import java.time.Duration;
import java.util.function.Supplier;

/** Watches over running roles until they fail or the process is asked to stop. */
public final class ProcessLoop {
  private static final Duration TICK = Duration.ofMillis(250);

  private ProcessLoop() {}

  /** Something to check once per tick. */
  public interface Check {
    /** Throws if the process cannot go on. */
    void run() throws IOException;
  }

  /**
   * Returns when the process is asked to stop.
   *
   * @param check called about four times a second
   * @param status what to show
   * @throws IOException what {@code check} throws
   */
  public static void run(StopSignal stop, StatusLine line, Check check, Supplier<String> status)
      throws IOException {
    try {
      while (!stop.await(TICK)) {
        check.run();
        line.show(status.get());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
