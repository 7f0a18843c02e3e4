package dev.tidemark.cli.process;

import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs an operator's command after changes are visible on a standby: once for all that come close
 * together, never twice at a time. Changes that come while it runs are followed by another run. It
 * is told of in the environment: {@code TIDEMARK_TREE}, {@code TIDEMARK_SEQUENCE} and {@code
 * TIDEMARK_DIR}.
 */
public final class ChangeHook implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ChangeHook.class);
  private static final Duration LOOK = Duration.ofMillis(20);

  /** Without a change for so long, those before are taken for all of one deed. */
  private static final Duration QUIET = Duration.ofMillis(100);

  /** Where changes never end the command is run all the same. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

  /**
   * In the shell, since a second opening of what standard error is would write over what this
   * process writes.
   */
  private static final String TO_STANDARD_ERROR = "exec 1>&2\n";

  private static final Duration STOP = Duration.ofSeconds(10);

  private final String command;
  private final Map<String, String> environment;
  private final Progress progress;
  private final Thread thread;
  private final AtomicBoolean closing = new AtomicBoolean();

  /** What a standby has applied; asked often. */
  public interface Progress {
    /** The sequence of the last change that is visible; −1 until the standby follows. */
    long appliedSequence();
  }

  private ChangeHook(String command, Map<String, String> environment, Progress progress) {
    this.command = command;
    this.environment = Map.copyOf(environment);
    this.progress = progress;
    this.thread = new Thread(this::run, "change-hook");
    this.thread.setDaemon(true);
  }

  /**
   * Begins to watch. What stands there when the standby begins to follow counts as a change.
   *
   * @param command of {@code /bin/sh}; what it prints goes to this process's standard error
   */
  public static ChangeHook start(
      String command, Map<String, String> environment, Progress progress) {
    ChangeHook hook = new ChangeHook(command, environment, progress);
    hook.thread.start();
    return hook;
  }

  private void run() {
    long told = -1;
    try {
      while (!closing.get()) {
        if (progress.appliedSequence() == told) {
          Thread.sleep(LOOK);
          continue;
        }
        told = awaitQuiet();
        execute(told);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private long awaitQuiet() throws InterruptedException {
    long start = System.nanoTime();
    long seen = progress.appliedSequence();
    long changed = start;
    while (System.nanoTime() - changed < QUIET.toNanos()
        && System.nanoTime() - start < LONGEST_WAIT.toNanos()
        && !closing.get()) {
      Thread.sleep(LOOK);
      long now = progress.appliedSequence();
      if (now != seen) {
        seen = now;
        changed = System.nanoTime();
      }
    }
    return seen;
  }

  private void execute(long sequence) throws InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(List.of("/bin/sh", "-c", TO_STANDARD_ERROR + command))
            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
            .redirectOutput(ProcessBuilder.Redirect.INHERIT)
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(environment);
    builder.environment().put("TIDEMARK_SEQUENCE", Long.toString(sequence));
    try {
      Process process = builder.start();
      try {
        int exitCode = process.waitFor();
        if (exitCode != 0) {
          log.atWarn()
              .addKeyValue("command", command)
              .addKeyValue("exitCode", exitCode)
              .log("the command after a change failed; it is run again after the next one");
        }
      } finally {
        process.destroy();
      }
    } catch (IOException e) {
      log.atWarn().setCause(e).addKeyValue("command", command).log("the command could not be run");
    }
  }

  /** Waits some seconds for a command that runs, then ends it. */
  @Override
  public void close() throws InterruptedException {
    closing.set(true);
    thread.join(STOP.toMillis());
    if (thread.isAlive()) {
      thread.interrupt();
      thread.join(TimeUnit.SECONDS.toMillis(1));
    }
  }
}
