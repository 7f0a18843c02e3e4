package dev.tidemark.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The root of all commands. */
@Command(
    name = "tidemark",
    description = "Continuous backup and live standby of Linux directories over Apache Kafka.",
    subcommands = VersionCommand.class)
final class TidemarkCommand {
  private TidemarkCommand() {}

  static int run(Surroundings surroundings, String... args) {
    return new CommandLine(new TidemarkCommand()).execute(args);
  }
}
