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

  /** The same with a stop signal, for commands that run until they are told. */
  public static CommandRun with(StopSignal stop, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Surroundings surroundings =
        new Surroundings(
            new PrintStream(out, true, UTF_8),
            new PrintStream(err, true, UTF_8),
            Map.of(),
            InstantSource.system(),
            ZoneId.of("UTC"),
            new User("nobody", Path.of("/nonexistent")),
            Screen.LINES,
            stop);
    int exitCode = TidemarkCommand.run(surroundings, args);
    return new CommandRun(exitCode, out.toString(UTF_8), err.toString(UTF_8));
  }
}
