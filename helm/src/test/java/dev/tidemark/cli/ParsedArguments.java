package dev.tidemark.cli;

import dev.tidemark.cli.Surroundings.Screen;
import dev.tidemark.cli.Surroundings.User;
import dev.tidemark.cli.process.StopSignal;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/** Arguments as the program reads them, without running anything. */
public final class ParsedArguments {
  private ParsedArguments() {}

  /** Whether there is such a command. */
  public static boolean isCommand(String name) {
    return commandLine().getSubcommands().containsKey(name);
  }

  /**
   * Parses.
   *
   * @throws CommandLine.ParameterException if they are not to be understood
   */
  public static void require(List<String> args) {
    String[] all = args.toArray(String[]::new);
    commandLine(all).parseArgs(all);
  }

  private static CommandLine commandLine(String... args) {
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    return TidemarkCommand.commandLine(
        new Surroundings(
            nowhere,
            nowhere,
            Map.of(),
            InstantSource.system(),
            ZoneId.of("UTC"),
            new User("nobody", Path.of("/nonexistent")),
            Screen.LINES,
            new StopSignal()),
        args);
  }
}
