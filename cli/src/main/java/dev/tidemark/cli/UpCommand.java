package dev.tidemark.cli;

import dev.tidemark.cli.argument.TreeFolder;
import dev.tidemark.cli.metrics.Health.Part;
import dev.tidemark.cli.metrics.Meters;
import dev.tidemark.cli.metrics.Observation;
import dev.tidemark.cli.metrics.RoleMeters;
import dev.tidemark.cli.process.Amounts;
import dev.tidemark.cli.process.ProcessLoop;
import dev.tidemark.cli.process.Progress;
import dev.tidemark.cli.process.ReadyTrees;
import dev.tidemark.cli.process.Roles;
import dev.tidemark.cli.process.StatusLine;
import dev.tidemark.cli.process.Up;
import dev.tidemark.cli.process.UpConfig;
import dev.tidemark.watcher.TakeOver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemark up}: the main job. */
@Command(
    name = "up",
    sortOptions = false,
    description = {
      "Back up directories continuously, and keep a standby of each, in one process with a broker"
          + " of its own. Prints `ready` for each tree once its first scan is complete and its"
          + " standby shows all of it. Ends in order on Ctrl-C; the next start goes on.",
    })
final class UpCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Parameters(
      paramLabel = "TREE=DIR",
      arity = "1..*",
      description = "A tree's name (a-z, 0-9, '.', '_', '-') and the directory to watch.")
  private List<String> trees = new ArrayList<>();

  @Option(
      names = "--standby",
      paramLabel = "[TREE=]DIR2",
      description =
          "Keep this directory equal to the tree. With several trees: TREE=DIR2, once for each that"
              + " shall have one.")
  private List<String> standbys = new ArrayList<>();

  @Option(
      names = "--take-over",
      description =
          "Become the writer of trees whose last writer was another one, by a full scan; and make"
              + " standbys equal in which something stands already, keeping aside what differs.")
  private boolean takeOver;

  @Mixin private ControlOptions control = new ControlOptions();
  @Mixin private DataOption data;
  @Mixin private CaptureOptions capture = new CaptureOptions();
  @Mixin private UnreadableOption unreadable = new UnreadableOption();
  @Mixin private ScrubOption scrub = new ScrubOption();
  @Mixin private MetricsOptions metrics = new MetricsOptions();

  UpCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.data = new DataOption();
  }

  @Override
  public Integer call() throws IOException {
    metrics.requireSound();
    List<TreeFolder> sources = TreeFolder.parseAll(trees);
    UpConfig config =
        new UpConfig(
            data.folder(surroundings),
            sources,
            TreeFolder.parseStandbys(standbys, sources),
            takeOver ? TakeOver.FORCE : TakeOver.REFUSE,
            control.control(),
            capture.settings(),
            unreadable.choice(),
            scrub.cycle());
    long changes;
    try (StatusLine line = surroundings.statusLine();
        Roles traces = new Roles();
        Up up =
            Up.start(
                config,
                metrics.traceInto(surroundings, traces, "tidemark-up"),
                this::report,
                metrics::around);
        Roles observed = new Roles()) {
      line.message(
          "started: broker %s, data folder %s"
              .formatted(up.bootstrapServers(), config.data().root()));
      up.captures().forEach(line::message);
      Observation observation = observe(up, line, observed);
      ReadyTrees ready = new ReadyTrees();
      ProcessLoop.run(
          surroundings.stop(),
          line,
          () -> {
            up.requireHealthy();
            observation.cameRound();
          },
          () -> {
            Progress progress = up.progress();
            ready.update(progress).forEach(line::message);
            return progress.line();
          });
      changes = up.progress().publishedChanges();
      line.message("stopping");
    }
    surroundings
        .err()
        .printf(
            "stopped after %s changes; nothing acknowledged is lost, the next `tidemark up` goes"
                + " on%n",
            Amounts.count(changes));
    return ExitCode.OK.number();
  }

  private Observation observe(Up up, StatusLine line, Roles observed) throws IOException {
    return metrics.start(surroundings, line, observed, meters -> name(meters, up), () -> parts(up));
  }

  private static void name(Meters meters, Up up) {
    RoleMeters.watchers(meters, up::watchers);
    RoleMeters.store(meters, up::store);
    RoleMeters.standbys(meters, up::standbys);
    up.scrubber().ifPresent(scrubber -> RoleMeters.scrub(meters, scrubber::status));
  }

  private static List<Part> parts(Up up) {
    List<Part> parts = new ArrayList<>();
    parts.add(Part.store(up.store()));
    up.watchers().forEach((tree, status) -> parts.add(Part.watcher(tree.value(), status)));
    up.standbys()
        .forEach((tree, standby) -> parts.add(Part.standby(tree.value(), standby.status())));
    return parts;
  }

  private void report(String failure) {
    surroundings.err().println("tidemark: " + failure);
    surroundings.err().flush();
  }
}
