package dev.tidemark.cli;

import dev.tidemark.cli.process.OutputClosedException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The root of all commands, and what is common to them: help, exit codes, failures. */
@Command(
    name = "tidemark",
    description = "Continuous backup and live standby of Linux directories over Apache Kafka.",
    synopsisSubcommandLabel = "COMMAND",
    sortOptions = false,
    footer = {
      "",
      "The main job, on one machine, with nothing else to install:",
      "  tidemark up web=/srv/web --standby /mnt/standby/web",
      "  tidemark restore web --at -10m --to /tmp/web-before",
      "",
      "Exit codes: 0 done, 1 failed, 2 wrong arguments, 3 done but for the files named,",
      "10 no repository there, 11 held by another process."
    })
final class TidemarkCommand implements Runnable {
  private final Surroundings surroundings;

  @Spec private CommandSpec spec;

  @Option(
      names = {"-v", "--verbose"},
      scope = ScopeType.INHERIT,
      description = "Log what is done, and show where in the program a failure arose.")
  private boolean verbose;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help.")
  private boolean help;

  private TidemarkCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    // Replaced by picocli before anything runs.
    this.spec = CommandSpec.create();
  }

  /** Runs the command that {@code args} ask for; returns the process's exit code. */
  static int run(Surroundings surroundings, String... args) {
    TidemarkCommand root = new TidemarkCommand(surroundings);
    CommandLine commandLine =
        new CommandLine(root)
            .addSubcommand(new UpCommand(surroundings))
            .addSubcommand(new RestoreCommand(surroundings))
            .addSubcommand(new ResumeCommand(surroundings))
            .addSubcommand(new TreesCommand(surroundings))
            .addSubcommand(new LsCommand(surroundings))
            .addSubcommand(new CatCommand(surroundings))
            .addSubcommand(new LogCommand(surroundings))
            .addSubcommand(
                new CommandLine(new DiffCommand(surroundings))
                    .setUnmatchedOptionsArePositionalParams(true))
            .addSubcommand(new FindCommand(surroundings))
            .addSubcommand(new StatsCommand(surroundings))
            .addSubcommand(new StatusCommand(surroundings))
            .addSubcommand(new DoctorCommand(surroundings))
            .addSubcommand(new VerifyCommand(surroundings))
            .addSubcommand(new RepairCommand(surroundings))
            .addSubcommand(new RebuildCommand(surroundings))
            .addSubcommand(new TagCommand(surroundings))
            .addSubcommand(new FreezeCommand(surroundings))
            .addSubcommand(new RetainCommand(surroundings))
            .addSubcommand(new HoldCommand(surroundings))
            .addSubcommand(new WatchCommand(surroundings))
            .addSubcommand(new StoreCommand(surroundings))
            .addSubcommand(new MirrorCommand(surroundings))
            .addSubcommand(new MemberCommand(surroundings))
            .addSubcommand(new PromoteCommand(surroundings))
            .addSubcommand(new RejoinCommand(surroundings))
            .addSubcommand(new TopicsCommand(surroundings))
            .addSubcommand(new CompletionCommand(surroundings))
            .addSubcommand(new ManCommand(surroundings))
            .addSubcommand(new VersionCommand(surroundings));
    return commandLine
        .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
        .setUsageHelpWidth(100)
        .setOut(surroundings.outWriter())
        .setErr(surroundings.errWriter())
        .setParameterExceptionHandler((e, arguments) -> root.report(e))
        .setExecutionExceptionHandler((e, command, parsed) -> root.report(e))
        .execute(args);
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "No command given. `tidemark --help` lists them.");
  }

  private int report(Exception failure) {
    if (failure instanceof OutputClosedException) {
      return ExitCode.OK.number();
    }
    FailureReport report = FailureReport.of(failure);
    surroundings.err().println("tidemark: " + report.message());
    if (verbose) {
      failure.printStackTrace(surroundings.err());
    }
    return report.exitCode().number();
  }
}
