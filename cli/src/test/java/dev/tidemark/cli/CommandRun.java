package dev.tidemark.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.cli.Surroundings.Screen;
import dev.tidemark.cli.Surroundings.User;
import dev.tidemark.cli.process.StopSignal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Map;

/** A command run in this process: what it returned and printed. */
public record CommandRun(int exitCode, String out, String err) {
  /** Runs to its end. */
  public static CommandRun of(String... args) {
    return with(new StopSignal(), args);
  }

  /** The same with variables in the environment. */
  public static CommandRun in(Map<String, String> environment, String... args) {
    return run(environment, new StopSignal(), args);
  }

  /** The same with a stop signal, for commands that run until they are told. */
  public static CommandRun with(StopSignal stop, String... args) {
    return run(Map.of(), stop, args);
  }

  private static CommandRun run(Map<String, String> environment, StopSignal stop, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Surroundings surroundings =
        new Surroundings(
            new PrintStream(out, true, UTF_8),
            new PrintStream(err, true, UTF_8),
            environment,
            InstantSource.system(),
            ZoneId.of("UTC"),
            new User("nobody", Path.of("/nonexistent")),
            Screen.LINES,
            stop);
    int exitCode = TidemarkCommand.run(surroundings, args);
    return new CommandRun(exitCode, out.toString(UTF_8), err.toString(UTF_8));
  }
}
