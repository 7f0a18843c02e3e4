package dev.tidemark.cli;

import dev.tidemark.cli.argument.Placement;
import dev.tidemark.cli.argument.TreeFolder;
import dev.tidemark.cli.metrics.Health.Part;
import dev.tidemark.cli.metrics.Observation;
import dev.tidemark.cli.metrics.RoleMeters;
import dev.tidemark.cli.process.Amounts;
import dev.tidemark.cli.process.ControlSocket;
import dev.tidemark.cli.process.DataFolder;
import dev.tidemark.cli.process.ProcessLoop;
import dev.tidemark.cli.process.Roles;
import dev.tidemark.cli.process.StatusLine;
import dev.tidemark.cli.process.WatcherTrouble;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.access.Role;
import dev.tidemark.watcher.TakeOver;
import dev.tidemark.watcher.Watcher;
import dev.tidemark.watcher.WatcherConfig;
import dev.tidemark.watcher.WatcherStatus;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemark watch}: one watcher as a process. */
@Command(
    name = "watch",
    sortOptions = false,
    description =
        "Publish the changes of a directory to Kafka. Prints `ready` once the first scan is"
            + " complete. Its state is kept in watcher/TREE of the data folder.")
final class WatchCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Parameters(paramLabel = "TREE=DIR", description = "The tree's name and the directory to watch.")
  private String tree = "";

  @Option(
      names = "--take-over",
      description =
          "Become the writer of a tree that another one writes or wrote: that one is fenced, and a"
              + " full scan follows.")
  private boolean takeOver;

  @Mixin private ControlOptions control = new ControlOptions();
  @Mixin private BrokerOptions broker = new BrokerOptions();
  @Mixin private DataOption data = new DataOption();
  @Mixin private CaptureOptions capture = new CaptureOptions();
  @Mixin private UnreadableOption unreadable = new UnreadableOption();
  @Mixin private MetricsOptions metrics = new MetricsOptions();

  WatchCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException {
    metrics.requireSound();
    TreeFolder source = TreeFolder.parse(tree);
    LogConnection log = broker.require(surroundings).as(Role.WATCHER);
    DataFolder folder = data.folder(surroundings);
    new Placement()
        .source("Source of tree " + source.tree(), source.folder())
        .owned("Data folder", folder.root());
    folder.create();
    WatcherConfig config =
        WatcherConfig.of(source.tree(), source.folder(), folder.watcher(source.tree()), log)
            .with(takeOver ? TakeOver.FORCE : TakeOver.REFUSE)
            .with(control.control())
            .with(capture.settings())
            .with(unreadable.choice());
    try (StatusLine line = surroundings.statusLine();
        Roles roles = new Roles()) {
      Watcher watcher =
          Watcher.start(config, metrics.traceInto(surroundings, roles, "tidemark-watch"));
      roles.add("The watcher of tree " + source.tree(), watcher, watcher.failure());
      roles.add(
          "The control socket",
          ControlSocket.start(
              ControlSocket.Requests.of(watcher),
              folder.control(source.tree()),
              source.tree().value()));
      line.message(
          "started: watching %s as tree %s by %s"
              .formatted(source.folder(), source.tree(), watcher.status().capture().describe()));
      Observation observation =
          metrics.start(
              surroundings,
              line,
              roles,
              meters -> RoleMeters.watchers(meters, () -> Map.of(source.tree(), watcher.status())),
              () -> List.of(Part.watcher(source.tree().value(), watcher.status())));
      Ready ready = new Ready();
      ProcessLoop.run(
          surroundings.stop(),
          line,
          () -> {
            roles.requireAllRunning();
            observation.cameRound();
          },
          () -> {
            WatcherStatus status = watcher.status();
            ready.announce(line, source, status);
            return describe(status);
          });
      line.message("stopping");
    }
    surroundings.err().println("stopped; the next start publishes what changes meanwhile");
    return ExitCode.OK.number();
  }

  /** Says once that the first scan is complete. */
  private static final class Ready {
    private boolean said;

    void announce(StatusLine line, TreeFolder source, WatcherStatus status) {
      if (!said && status.scanCompleted()) {
        said = true;
        line.message("ready: tree %s, first scan complete".formatted(source.tree()));
      }
    }
  }

  private static String describe(WatcherStatus status) {
    String trouble = WatcherTrouble.describe(status);
    return "%s%s changes, %s read, %s sent, %s to look at%s%s"
        .formatted(
            status.scanning() ? "scanning, " : "",
            Amounts.count(status.publishedChanges()),
            Amounts.bytes(status.bytesRead()),
            Amounts.bytes(status.bytesSent()),
            Amounts.count(status.dirtyEntries()),
            trouble.isEmpty() ? "" : " | " + trouble,
            status.lastError().isEmpty() ? "" : " | " + status.lastError());
  }
}
