package dev.tidemark.cli;

import java.io.PrintStream;
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
 */
public record Surroundings(
    PrintStream out,
    PrintStream err,
    Map<String, String> environment,
    InstantSource clock,
    ZoneId zone,
    User user,
    Screen screen) {

  public Surroundings {
    environment = Map.copyOf(environment);
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
