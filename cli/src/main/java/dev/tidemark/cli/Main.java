package dev.tidemark.cli;

import dev.tidemark.cli.Surroundings.Screen;
import dev.tidemark.cli.Surroundings.User;
import dev.tidemark.cli.argument.RawArguments;
import dev.tidemark.cli.logging.JsonLines;
import dev.tidemark.cli.process.StandardOutput;
import dev.tidemark.cli.process.StopSignal;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The process: the only place that reads its environment and its clock, and that ends it. */
public final class Main {
  /** A service manager's own patience is usually longer, and nothing here may need as long. */
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

  private Main() {}

  /** Runs one command and exits with its {@link ExitCode}. */
  public static void main(String[] args) {
    boolean json = isJsonWanted(args);
    Screen screen = !json && isTerminal("/proc/self/fd/2") ? Screen.TERMINAL : Screen.LINES;
    configureLog(args, screen);
    if (json) {
      System.setProperty("tidemark.log.format", "json");
    }
    StandardOutput output = new StandardOutput(new FileOutputStream(FileDescriptor.out));
    PrintStream out = new PrintStream(output, false, StandardCharsets.UTF_8);
    OutputStream errors = new FileOutputStream(FileDescriptor.err);
    PrintStream err =
        new PrintStream(
            json ? new JsonLines(errors, InstantSource.system(), ZoneId.systemDefault()) : errors,
            true,
            StandardCharsets.UTF_8);
    StopSignal stop = new StopSignal();
    CompletableFuture<Integer> ended = new CompletableFuture<>();
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> stopInOrder(stop, ended, err), "tidemark-stop"));
    Surroundings surroundings =
        new Surroundings(
            out,
            err,
            System.getenv(),
            InstantSource.system(),
            ZoneId.systemDefault(),
            new User(System.getProperty("user.name"), Path.of(System.getProperty("user.home"))),
            screen,
            stop);
    int exitCode = TidemarkCommand.run(surroundings, rawArguments(args));
    out.flush();
    try {
      output.requireWritten();
    } catch (IOException e) {
      err.println("tidemark: " + e.getMessage());
      exitCode = ExitCode.FAILURE.number();
    }
    ended.complete(exitCode);
    System.exit(exitCode);
  }

  /**
   * Runs when the process is to end, by a signal or by {@link System#exit}. A command that looks at
   * the signal ends by itself, and its exit code is the process's, not the one that the virtual
   * machine gives to signals.
   */
  private static void stopInOrder(
      StopSignal stop, CompletableFuture<Integer> ended, PrintStream err) {
    stop.request();
    if (!stop.isAwaited()) {
      return;
    }
    try {
      Runtime.getRuntime().halt(ended.get(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      err.printf(
          "tidemark: not stopped in order within %d s; ended as a crash would, which loses nothing"
              + " acknowledged.%n",
          STOP_LIMIT.toSeconds());
      Runtime.getRuntime().halt(ExitCode.FAILURE.number());
    } catch (ExecutionException | InterruptedException e) {
      Runtime.getRuntime().halt(ExitCode.FAILURE.number());
    }
  }

  /** Read by logback.xml, once, when the first logger is made. */
  private static void configureLog(String[] args, Screen screen) {
    if (Arrays.stream(args).anyMatch(a -> a.equals("-v") || a.equals("--verbose"))) {
      System.setProperty("tidemark.log.level", "INFO");
      System.setProperty("tidemark.log.kafka", "WARN");
      System.setProperty("tidemark.log.exception", "%n%ex");
    }
    if (screen == Screen.TERMINAL) {
      System.setProperty("tidemark.log.start", "\r\u001b[K");
    }
  }

  /** Before the arguments are read in order, since what is wrong with them is a message too. */
  private static boolean isJsonWanted(String[] args) {
    for (int i = 0; i < args.length; i++) {
      if (args[i].equals("--log-format=json")
          || args[i].equals("--log-format") && i + 1 < args.length && args[i + 1].equals("json")) {
        return true;
      }
    }
    return false;
  }

  private static String[] rawArguments(String[] args) {
    try {
      return RawArguments.recover(args);
    } catch (IOException noProc) {
      // Names that are text come through all the same.
      return args;
    }
  }

  /** {@code System.console()} looks at standard input and output, and the status goes to error. */
  private static boolean isTerminal(String descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of(descriptor)).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException | UnsupportedOperationException unknown) {
      return false;
    }
  }
}
