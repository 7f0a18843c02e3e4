package dev.tidemark.cli;

import dev.tidemark.cli.process.OutputClosedException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
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
  /** They tell of the others. */
  private static final Set<String> NEEDING_ALL = Set.of("completion", "man");

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
    return commandLine(surroundings, args).execute(args);
  }

  /** What can parse {@code args}, and run the command that they ask for. */
  static CommandLine commandLine(Surroundings surroundings, String... args) {
    TidemarkCommand root = new TidemarkCommand(surroundings);
    CommandLine commandLine = new CommandLine(root);
    Map<String, Supplier<Object>> all = commands(surroundings);
    // To describe a command takes some milliseconds, so of those that are not meant it is not done.
    if (args.length > 0 && all.containsKey(args[0]) && !NEEDING_ALL.contains(args[0])) {
      all.keySet().retainAll(Set.of(args[0]));
    }
    for (Supplier<Object> command : all.values()) {
      commandLine.addSubcommand(command.get());
    }
    return commandLine
        .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
        .setUsageHelpWidth(100)
        .setOut(surroundings.outWriter())
        .setErr(surroundings.errWriter())
        .setParameterExceptionHandler((e, arguments) -> root.report(e))
        .setExecutionExceptionHandler((e, command, parsed) -> root.report(e));
  }

  /** All commands by name, in the order of the help. */
  private static Map<String, Supplier<Object>> commands(Surroundings surroundings) {
    Map<String, Supplier<Object>> all = new LinkedHashMap<>();
    all.put("up", () -> new UpCommand(surroundings));
    all.put("restore", () -> new RestoreCommand(surroundings));
    all.put("resume", () -> new ResumeCommand(surroundings));
    all.put("trees", () -> new TreesCommand(surroundings));
    all.put("ls", () -> new LsCommand(surroundings));
    all.put("cat", () -> new CatCommand(surroundings));
    all.put("log", () -> new LogCommand(surroundings));
    all.put(
        "diff",
        () ->
            new CommandLine(new DiffCommand(surroundings))
                .setUnmatchedOptionsArePositionalParams(true));
    all.put("find", () -> new FindCommand(surroundings));
    all.put("stats", () -> new StatsCommand(surroundings));
    all.put("status", () -> new StatusCommand(surroundings));
    all.put("doctor", () -> new DoctorCommand(surroundings));
    all.put("verify", () -> new VerifyCommand(surroundings));
    all.put("drill", () -> new DrillCommand(surroundings));
    all.put("repair", () -> new RepairCommand(surroundings));
    all.put("rebuild", () -> new RebuildCommand(surroundings));
    all.put("tag", () -> new TagCommand(surroundings));
    all.put("freeze", () -> new FreezeCommand(surroundings));
    all.put("retain", () -> new RetainCommand(surroundings));
    all.put("hold", () -> new HoldCommand(surroundings));
    all.put("watch", () -> new WatchCommand(surroundings));
    all.put("store", () -> new StoreCommand(surroundings));
    all.put("mirror", () -> new MirrorCommand(surroundings));
    all.put("member", () -> new MemberCommand(surroundings));
    all.put("promote", () -> new PromoteCommand(surroundings));
    all.put("rejoin", () -> new RejoinCommand(surroundings));
    all.put(
        "topics",
        () ->
            new CommandLine(new TopicsCommand(surroundings))
                .addSubcommand(new AclCommand(surroundings)));
    all.put("migrate", () -> new MigrateCommand(surroundings));
    all.put("completion", () -> new CompletionCommand(surroundings));
    all.put("man", () -> new ManCommand(surroundings));
    all.put("version", () -> new VersionCommand(surroundings));
    return all;
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
