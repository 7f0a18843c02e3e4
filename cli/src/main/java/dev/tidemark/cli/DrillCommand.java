package dev.tidemark.cli;

import dev.tidemark.apply.TargetFullException;
import dev.tidemark.cli.argument.InstantArgument;
import dev.tidemark.cli.argument.Placement;
import dev.tidemark.cli.argument.RawArguments;
import dev.tidemark.cli.argument.TreeFolder;
import dev.tidemark.cli.drill.Drill;
import dev.tidemark.cli.drill.DrillMetrics;
import dev.tidemark.cli.reading.Json;
import dev.tidemark.cli.reading.PathArgument;
import dev.tidemark.cli.reading.Reading;
import dev.tidemark.repository.history.At;
import dev.tidemark.restore.RestoreConfig;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemark drill}. */
@Command(
    name = "drill",
    sortOptions = false,
    description = {
      "Prove that a tree can be restored, by restoring it: at an instant drawn at random into a"
          + " scratch folder, which is removed again. Every chunk is checked against its id when it"
          + " is written; then all that stands on disk is read again and compared with the history:"
          + " every byte, name, owner, mode, time, attribute, hard link and hole.",
      "Recent instants and old ones are drawn alike: each doubling of the age is as likely as any"
          + " other. Run it by a timer, with --metrics-file for the alert that none succeeded.",
      "Exits with 0 if all is proved, and with 3 if anything is not, which is then named."
    })
final class DrillCommand implements Callable<Integer> {
  private static final long POLL_MILLIS = 100;

  private final Surroundings surroundings;

  @Parameters(paramLabel = "TREE", description = "The tree's name.")
  private String tree = "";

  @Option(
      names = "--at",
      paramLabel = "INSTANT",
      description = "Not one drawn at random, but: " + InstantArgument.FORMS + ".")
  private @Nullable String at;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description =
          "Draw as a drill did that printed this seed, if the history is still the same. Default:"
              + " another one each time.")
  private @Nullable Long seed;

  @Option(
      names = "--path",
      paramLabel = "PATH",
      description = "Only this part of the tree; an instant is drawn at which it is there.")
  private String path = "";

  @Option(
      names = "--scratch",
      paramLabel = "DIR",
      description =
          "Where to restore: into a new folder in this directory. It needs room for the tree, and"
              + " should be on a filesystem that keeps what the tree has. Default: $TMPDIR, else"
              + " /tmp.")
  private @Nullable String scratch;

  @Option(names = "--keep", description = "Leave what was restored, and print where it is.")
  private boolean keep;

  @Option(
      names = "--metrics-file",
      paramLabel = "FILE",
      description =
          "Write the result there in Prometheus' text format, for node_exporter's textfile"
              + " collector: FILE ends in .prom, and each tree has its own.")
  private @Nullable String metricsFile;

  @Option(
      names = "--json",
      description = "Print progress every second, and the result at the end, a JSON object a line.")
  private boolean json;

  @Mixin private ReadOptions options = new ReadOptions();

  DrillCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws Exception {
    TreeName name = TreeFolder.tree(tree);
    NodePath part = PathArgument.parse(path);
    if (at != null) {
      AtOption.check(at, surroundings);
    }
    DrillMetrics metrics =
        metricsFile == null ? null : DrillMetrics.open(RawArguments.path(metricsFile), name);
    Drill.Result result;
    try {
      result = drill(name, part);
    } catch (StoppedException e) {
      throw CommandException.failed(
          "stopped before anything was proved; what had been restored is removed again");
    } catch (Exception e) {
      noteFailure(metrics, e);
      throw e;
    }
    if (metrics != null) {
      metrics.write(surroundings.clock().millis(), Optional.of(result));
    }
    return (result.isProved() ? ExitCode.OK : ExitCode.PARTIAL).number();
  }

  private void noteFailure(@Nullable DrillMetrics metrics, Exception failure) {
    if (metrics == null) {
      return;
    }
    try {
      metrics.write(surroundings.clock().millis(), Optional.empty());
    } catch (IOException e) {
      failure.addSuppressed(e);
      surroundings.err().println("tidemark: " + e.getMessage());
    }
  }

  /** The process was told to end: what was under way says nothing of the tree. */
  private static final class StoppedException extends Exception {
    private static final long serialVersionUID = 1L;
  }

  private Drill.Result drill(TreeName name, NodePath part) throws Exception {
    ReadOptions.Place place = options.find(surroundings);
    Path parent = scratchDirectory();
    Placement placement =
        new Placement().owned("Scratch", parent.resolve(Drill.folderPrefix(name)));
    if (place.folder().isPresent()) {
      placement.owned(place.role(), place.folder().get());
    }
    try (Reading reading = Reading.open(place.repositoryUrl(), place.log())) {
      reading.requireKnown(name);
      long drawnBy = seed == null ? seedOf(surroundings.clock().instant()) : seed;
      At instant =
          at == null
              ? Drill.draw(reading, name, part, drawnBy)
              : reading.instant(name, at, surroundings.clock(), surroundings.zone());
      if (at == null && !json) {
        surroundings.out().printf("seed %d%n", drawnBy);
      }
      // From here on the process ends by itself, after what is in the scratch folder is removed.
      requireNotStopped(Duration.ZERO);
      try (Drill drill = Drill.open(reading, name, parent)) {
        for (Path other : drill.others()) {
          surroundings
              .err()
              .printf(
                  "tidemark: %s is of another drill: if none is at work, it was killed and this may"
                      + " be removed%n",
                  other);
        }
        RestoreConfig config =
            RestoreConfig.of(name, instant, drill.folder(), place.repositoryUrl())
                .withPath(part)
                .withLog(reading.logAccess());
        Drill.Result result = runUntilStopped(drill, config);
        tell(result, drill, drawnBy);
        return result;
      }
    }
  }

  private static long seedOf(Instant now) {
    return now.getEpochSecond() * 1_000_000 + now.getNano() / 1000;
  }

  private Path scratchDirectory() {
    if (scratch != null) {
      return RawArguments.path(scratch).toAbsolutePath();
    }
    return Path.of(surroundings.environment().getOrDefault("TMPDIR", "/tmp")).toAbsolutePath();
  }

  private void requireNotStopped(Duration time) throws StoppedException, InterruptedException {
    if (surroundings.stop().await(time)) {
      throw new StoppedException();
    }
  }

  /** On a thread of its own, so that this one is there for the signal. */
  private Drill.Result runUntilStopped(Drill drill, RestoreConfig config) throws Exception {
    try (RestoreProgress progress = new RestoreProgress(surroundings, json)) {
      FutureTask<Drill.Result> task =
          new FutureTask<>(() -> drill.run(config.withProgress(progress), _ -> progress.close()));
      Thread thread = Thread.ofPlatform().name("tidemark-drill").start(task);
      try {
        while (!task.isDone()) {
          requireNotStopped(Duration.ZERO);
          await(task);
        }
      } finally {
        // What it still writes must not come into a folder that is being removed.
        thread.interrupt();
        thread.join();
      }
      return task.get();
    } catch (ExecutionException e) {
      throw switch (e.getCause()) {
        case TargetFullException full ->
            CommandException.failed(
                "The scratch directory %s has run full, and is as it was before. Make room there, or name another with --scratch."
                    .formatted(drill.parent()),
                full);
        case Exception failure -> failure;
        case null, default -> e;
      };
    }
  }

  private static void await(FutureTask<?> task) throws InterruptedException, ExecutionException {
    try {
      task.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException stillRunning) {
      // Looked at again.
    }
  }

  private void tell(Drill.Result result, Drill drill, long drawnBy) {
    DrillText.printTroubles(result, surroundings.err());
    if (keep) {
      drill.keep();
    }
    if (json) {
      var object = DrillText.json(result, drawnBy);
      if (keep) {
        object.put("kept", result.folder().toString());
      }
      surroundings.out().println(Json.write(object));
      return;
    }
    DrillText.print(result, surroundings.zone(), surroundings.out());
    if (keep) {
      surroundings.out().printf("kept in %s%n", result.folder());
    }
  }
}
