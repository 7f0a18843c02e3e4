package dev.tidemark.cli;

import dev.tidemark.apply.SyncOptions.ExistingFiles;
import dev.tidemark.apply.SyncOptions.ExtraEntries;
import dev.tidemark.browse.TreeReader;
import dev.tidemark.cli.argument.ArgumentException;
import dev.tidemark.cli.argument.InstantArgument;
import dev.tidemark.cli.argument.Placement;
import dev.tidemark.cli.argument.RawArguments;
import dev.tidemark.cli.argument.TreeFolder;
import dev.tidemark.cli.fleet.Fleet;
import dev.tidemark.cli.reading.Json;
import dev.tidemark.cli.reading.PathArgument;
import dev.tidemark.cli.reading.Reading;
import dev.tidemark.log.LogConnection;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.history.At;
import dev.tidemark.restore.IncompleteReplacementException;
import dev.tidemark.restore.Restore;
import dev.tidemark.restore.RestoreConfig;
import dev.tidemark.restore.RestoreConfig.Placing;
import dev.tidemark.restore.RestorePreview;
import dev.tidemark.restore.RestoreReport;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.StandbyCommand.Kind;
import dev.tidemark.schemas.filter.PathFilter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemark restore}. */
@Command(
    name = "restore",
    sortOptions = false,
    description = {
      "Put a tree, as it was at an instant, into a directory. Every chunk is checked; a file"
          + " appears whole or not at all. What stands there already and is equal is kept, so that"
          + " an interrupted restore goes on when it is run again.",
      "With --on the tree's standbys do it instead, each on its own directory, and stay at that"
          + " instant until `tidemark resume`."
    })
final class RestoreCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Parameters(paramLabel = "TREE", description = "The tree's name.")
  private String tree = "";

  @Option(
      names = "--at",
      paramLabel = "INSTANT",
      defaultValue = "now",
      description = "Which instant: " + InstantArgument.FORMS + ". Default: the newest.")
  private String at = "now";

  @Option(
      names = "--to",
      paramLabel = "DIR",
      description = "The directory to restore into; made if missing.")
  private @Nullable String target;

  @Option(
      names = "--path",
      paramLabel = "PATH",
      description = "Only this part of the tree, a directory's contents going into DIR itself.")
  private String path = "";

  @Option(names = "--delete", description = "Remove from DIR what the tree has not.")
  private boolean delete;

  @Option(
      names = "--verify",
      description = "Read files that stand there already, and write those anew that differ.")
  private boolean verify;

  @Option(
      names = "--atomic",
      description =
          "Build the tree beside DIR, then let the two change places in one step, and remove what"
              + " was there. Until then, and if anything of the tree cannot be had, DIR is as it"
              + " was. Needs space for both.")
  private boolean atomic;

  @Option(
      names = "--dry-run",
      description =
          "Show how much would be written, removed and fetched, and about how long fetching takes;"
              + " write nothing.")
  private boolean dryRun;

  @Option(
      names = "--memory",
      paramLabel = "MIB",
      description =
          "Bound of what is held of files under way. The more, the better reads are planned."
              + " Default: a quarter of the heap, at most 128")
  private @Nullable Integer memoryMib;

  @Option(
      names = "--json",
      description =
          "Print progress every second, and the summary at the end, a JSON object a line.")
  private boolean json;

  @Mixin private FleetOptions fleet = new FleetOptions();

  @Mixin private FilterOptions filter = new FilterOptions();

  @Mixin private OwnerOptions owners = new OwnerOptions();

  @Mixin private ReadOptions options = new ReadOptions();

  RestoreCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException, CommandException, InterruptedException {
    TreeName name = TreeFolder.tree(tree);
    if (InstantArgument.findTag(at).isEmpty()) {
      InstantArgument.parse(at, surroundings.clock(), surroundings.zone());
    }
    NodePath part = PathArgument.parse(path);
    PathFilter wanted = filter.filter();
    requireUsable(wanted);
    ReadOptions.Place place = options.find(surroundings);
    if (fleet.isGiven()) {
      return onStandbys(name, wanted, place).number();
    }
    if (target == null) {
      throw new ArgumentException("--to DIR is needed, or --on NAME for the tree's standbys");
    }
    Path folder = RawArguments.path(target);
    Placement placement = new Placement().owned("Target", folder);
    if (place.folder().isPresent()) {
      placement.owned(place.role(), place.folder().get());
    }
    try (Reading reading = Reading.open(place.repositoryUrl(), place.log())) {
      reading.requireKnown(name);
      At instant = reading.instant(name, at, surroundings.clock(), surroundings.zone());
      RestoreConfig config =
          RestoreConfig.of(name, instant, folder, place.repositoryUrl())
              .withPath(part)
              .withFilter(wanted)
              .withPlacing(atomic ? Placing.AT_ONCE : Placing.ONE_BY_ONE)
              .withOwners(owners.ids())
              .withExtras(delete ? ExtraEntries.REMOVE : ExtraEntries.LEAVE)
              .withExisting(
                  verify
                      ? ExistingFiles.KEEP_IF_CONTENT_EQUAL
                      : ExistingFiles.KEEP_IF_METADATA_EQUAL)
              .withLog(reading.logAccess());
      if (memoryMib != null) {
        config = config.withMemoryBytes((long) memoryMib << 20);
      }
      ExitCode code =
          dryRun ? preview(config, reading.repository()) : run(config, reading.repository());
      return code.number();
    }
  }

  private ExitCode run(RestoreConfig config, Repository repository) throws IOException {
    RestoreReport report;
    try (RestoreProgress progress = new RestoreProgress(surroundings, json)) {
      report = Restore.run(config.withProgress(progress), repository);
    } catch (IncompleteReplacementException e) {
      RestoreText.printTroubles(e.result(), surroundings.err());
      surroundings.err().println("tidemark: " + e.getMessage());
      return ExitCode.PARTIAL;
    }
    return report(report, config.at(), config.target());
  }

  /** The instant is resolved once, so that all of them stand at the same. */
  private ExitCode onStandbys(TreeName name, PathFilter wanted, ReadOptions.Place place)
      throws IOException, CommandException, InterruptedException {
    boolean isLocal = target != null || atomic || dryRun || delete || verify || memoryMib != null;
    if (isLocal || !path.isEmpty() || !wanted.isEmpty()) {
      throw new ArgumentException(
          "--on: standbys are made equal to the whole tree; of the other options only --at,"
              + " --expires, --timeout and --json go with it");
    }
    LogConnection log =
        place
            .log()
            .orElseThrow(
                () ->
                    CommandException.failed(
                        "--on needs the log: run this while `tidemark up` runs, or with"
                            + " --bootstrap-server HOST:PORT"));
    long sequence;
    try (Reading reading = Reading.open(place.repositoryUrl(), place.log());
        TreeReader trees = reading.openTrees(surroundings.clock())) {
      reading.requireKnown(name);
      At instant = reading.instant(name, at, surroundings.clock(), surroundings.zone());
      sequence = trees.treeAt(name, instant).sequence();
    }
    if (!json) {
      surroundings.out().printf("tree %s at sequence %d%n", name, sequence);
    }
    return fleet.ask(surroundings, json, Fleet.of(name, log), name, Kind.RESTORE, sequence);
  }

  private void requireUsable(PathFilter wanted) {
    if (memoryMib != null) {
      requireInHeap(memoryMib);
    }
    if (atomic && !wanted.isEmpty()) {
      throw new ArgumentException(
          "--atomic replaces all of DIR, what is excluded as well: give one or the other");
    }
  }

  private static void requireInHeap(int mib) {
    if (mib < 1 || mib > 65_536) {
      throw new ArgumentException("--memory %d: expected 1 to 65536 MiB".formatted(mib));
    }
    long heapMib = Runtime.getRuntime().maxMemory() >> 20;
    if (mib > heapMib / 2) {
      throw new ArgumentException(
          "--memory %d: more than half of this process's heap of %d MiB; set TIDEMARK_JAVA_OPTS=-Xmx%dm"
              .formatted(mib, heapMib, 2L * mib + 128));
    }
  }

  private ExitCode preview(RestoreConfig config, Repository repository) throws IOException {
    RestorePreview preview = Restore.preview(config, repository);
    if (json) {
      surroundings.out().println(Json.write(RestoreText.json(preview)));
    } else {
      RestoreText.print(preview, config.target(), surroundings.out());
    }
    return ExitCode.OK;
  }

  private ExitCode report(RestoreReport report, At wanted, Path folder) {
    RestoreText.printTroubles(report.result(), surroundings.err());
    boolean shortOfWanted =
        wanted instanceof At.Time(long millis) && report.completeToMillis() < millis;
    if (json) {
      surroundings.out().println(Json.write(RestoreText.json(report)));
    } else {
      RestoreText.print(report, folder, surroundings.out());
    }
    if (shortOfWanted) {
      surroundings
          .err()
          .printf(
              "tidemark: what is recorded reaches to %s, which is before the instant asked for; the"
                  + " tree as of then was restored. Changes since may be in the log only: run this"
                  + " while `tidemark up` runs, or with --bootstrap-server. Or `tidemark retain`"
                  + " has taken them out. Leave out --at to take the newest.%n",
              Instant.ofEpochMilli(report.completeToMillis()));
    }
    return report.isComplete() && !shortOfWanted ? ExitCode.OK : ExitCode.PARTIAL;
  }
}
