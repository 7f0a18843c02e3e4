package dev.tidemark.cli;

import dev.tidemark.cli.process.OutputClosedException;
import dev.tidemark.cli.process.StatusLine;
import dev.tidemark.cli.process.StatusLine.Style;
import dev.tidemark.cli.process.StopSignal;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Map;

/**
 * What a command sees of its process, so that tests can give it something else.
 *
 * @param out where results go
 * @param err where messages, progress and the status line go
 * @param environment the environment's variables
 * @param clock for {@code now} and times relative to it
 * @param zone of times given without one
 * @param user who runs it
 * @param screen whether a person watches {@code err}
 * @param stop the wish that the process end
 */
public record Surroundings(
    PrintStream out,
    PrintStream err,
    Map<String, String> environment,
    InstantSource clock,
    ZoneId zone,
    User user,
    Screen screen,
    StopSignal stop) {

  public Surroundings {
    environment = Map.copyOf(environment);
  }

  /** A status on {@code err}. */
  StatusLine statusLine() {
    int columns;
    try {
      columns = Integer.parseInt(environment.getOrDefault("COLUMNS", "100"));
    } catch (NumberFormatException notANumber) {
      columns = 100;
    }
    return new StatusLine(err, screen == Screen.TERMINAL ? Style.REWRITTEN : Style.LINES, columns);
  }

  /**
   * Ends a command whose results nobody takes any more.
   *
   * @throws OutputClosedException if {@link #out()} failed
   */
  void requireReader() throws OutputClosedException {
    if (out.checkError()) {
      throw new OutputClosedException();
    }
  }

  /** Prints a line of many. */
  void print(String line) throws OutputClosedException {
    out.println(line);
    requireReader();
  }

  PrintWriter outWriter() {
    return new PrintWriter(out, true);
  }

  PrintWriter errWriter() {
    return new PrintWriter(err, true);
  }

  /** Who runs the command: decides the usual data folder. */
  public record User(String name, Path home) {
    /** The super-user. */
    public boolean isRoot() {
      return name.equals("root");
    }
  }

  /** What {@code err} is. */
  public enum Screen {
    /** A terminal of some width: a line may be rewritten in place. */
    TERMINAL,
    /** A file or a pipe: whole lines only. */
    LINES
  }
}
