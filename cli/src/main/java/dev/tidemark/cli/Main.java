package dev.tidemark.cli;

import dev.tidemark.cli.Surroundings.Screen;
import dev.tidemark.cli.Surroundings.User;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneId;

/** The process: the only place that reads its environment and its clock, and that ends it. */
public final class Main {
  private Main() {}

  /** Runs one command and exits with its {@link ExitCode}. */
  public static void main(String[] args) {
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    Surroundings surroundings =
        new Surroundings(
            out,
            System.err,
            System.getenv(),
            InstantSource.system(),
            ZoneId.systemDefault(),
            new User(System.getProperty("user.name"), Path.of(System.getProperty("user.home"))),
            isTerminal("/proc/self/fd/2") ? Screen.TERMINAL : Screen.LINES);
    int exitCode = TidemarkCommand.run(surroundings, args);
    out.flush();
    System.exit(exitCode);
  }

  /** {@code System.console()} looks at standard input and output, and the status goes to error. */
  private static boolean isTerminal(String descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of(descriptor)).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (java.io.IOException | UnsupportedOperationException unknown) {
      return false;
    }
  }
}
