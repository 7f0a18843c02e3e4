package dev.tidemark.cli;

import dev.tidemark.cli.argument.ArgumentException;
import dev.tidemark.cli.argument.DurationArgument;
import dev.tidemark.cli.argument.Placement;
import dev.tidemark.cli.argument.RawArguments;
import dev.tidemark.cli.argument.TreeFolder;
import dev.tidemark.cli.metrics.Health.Part;
import dev.tidemark.cli.metrics.Observation;
import dev.tidemark.cli.metrics.RoleMeters;
import dev.tidemark.cli.metrics.RoleMeters.Standby;
import dev.tidemark.cli.process.Amounts;
import dev.tidemark.cli.process.ChangeHook;
import dev.tidemark.cli.process.DataFolder;
import dev.tidemark.cli.process.ProcessLoop;
import dev.tidemark.cli.process.Roles;
import dev.tidemark.cli.process.StatusLine;
import dev.tidemark.cli.reading.DriftText;
import dev.tidemark.cli.reading.PathArgument;
import dev.tidemark.cli.reading.Reading;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.access.Role;
import dev.tidemark.mirror.Bound;
import dev.tidemark.mirror.DriftCheck;
import dev.tidemark.mirror.DriftPlan;
import dev.tidemark.mirror.DriftPlan.Events;
import dev.tidemark.mirror.Durability;
import dev.tidemark.mirror.FramesFrom;
import dev.tidemark.mirror.KeepDrift;
import dev.tidemark.mirror.Mirror;
import dev.tidemark.mirror.MirrorConfig;
import dev.tidemark.mirror.MirrorConfig.TargetTakeOver;
import dev.tidemark.mirror.MirrorStatus;
import dev.tidemark.mirror.MirrorStatus.Phase;
import dev.tidemark.mirror.Subset;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemark mirror}: one standby as a process. */
@Command(
    name = "mirror",
    sortOptions = false,
    description =
        "Keep a directory equal to a tree. Its state is kept in standby/TREE of the data folder."
            + " With --check, tell what others have changed in the directory of a mirror that does"
            + " not run; its next start mends it, and keeps aside what it replaces.")
final class MirrorCommand implements Callable<Integer> {
  private static final Duration LONGEST_DELAY = Duration.ofDays(7);

  private final Surroundings surroundings;

  @Parameters(paramLabel = "TREE", description = "The tree's name.")
  private String tree = "";

  @Option(
      names = "--to",
      paramLabel = "DIR",
      required = true,
      description = "The directory to keep equal; made if missing.")
  private String target = "";

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Name of this standby among those of the tree. Default: the host's name.")
  private @Nullable String name;

  @Option(
      names = "--repository",
      paramLabel = "URL",
      description =
          "Where to read what the log no longer holds: "
              + RepositoryUrl.FORMS
              + ". Without it a standby can only begin while the log holds the tree's whole"
              + " history.")
  private String repository = "";

  @Option(
      names = "--path",
      paramLabel = "PATH",
      description =
          "Hold only this part of the tree, at its own path in DIR; several may be given. What is"
              + " moved into it from elsewhere in the tree is fetched, what is moved out of it"
              + " goes. Given other paths at a later start, or none, what is new is fetched, which"
              + " may need --repository, and what is no longer named is removed. Such a standby"
              + " cannot be promoted.")
  private List<String> paths = new ArrayList<>();

  @Option(
      names = "--take-over",
      description =
          "Make a directory equal in which something stands already; what differs is kept aside in"
              + " the data folder.")
  private boolean takeOver;

  @Option(
      names = "--delay",
      paramLabel = "TIME",
      defaultValue = "0",
      description =
          "Apply each change so long after it was logged, so that what was removed or overwritten"
              + " by mistake can be had from here: "
              + DurationArgument.FORMS
              + ". A standby begins with what is sealed at its start, and is so far behind once"
              + " that time has gone by. At most 7d, for which the log keeps chunks. Default: 0")
  private String delay = "0";

  @Option(
      names = "--to-sequence",
      paramLabel = "N",
      description =
          "Follow up to that change, and stand there until `tidemark resume` or a start without"
              + " this: for a change that is to be tried on one standby before the others.")
  private @Nullable Long toSequence;

  @Option(
      names = "--to-tag",
      paramLabel = "NAME",
      description = "The same up to a tag, which is there already, or is met one day.")
  private @Nullable String toTag;

  @Option(
      names = "--fsync",
      paramLabel = "none|batch|file",
      defaultValue = "batch",
      description =
          "What is done for a power loss: batch (default) syncs the file system every few seconds,"
              + " and what was applied since is looked at after a power loss; file also syncs each"
              + " file before it appears; none leaves it to the kernel, and all that was applied"
              + " since the start is read after a power loss.")
  private String fsync = "batch";

  @Option(
      names = "--frames",
      paramLabel = "kafka|repository|auto",
      defaultValue = "auto",
      description =
          "Where the bytes of changes are asked for first: kafka, the sooner; repository, which"
              + " spares the broker where there are many standbys; auto (default), from Kafka what"
              + " is new, and from the repository what is caught up with. What is not there is"
              + " asked for at the other place.")
  private String frames = "auto";

  @Option(
      names = "--drift-interval",
      paramLabel = "TIME",
      defaultValue = "10m",
      description =
          "Look through the directory again so long after the last time, for what others changed in"
              + " it: "
              + DurationArgument.FORMS
              + " for never. It is put right, and what stood there is kept in kept-aside of the"
              + " state. Default: ${DEFAULT-VALUE}")
  private String driftInterval = "10m";

  @Option(
      names = "--drift-events",
      paramLabel = "auto|off",
      defaultValue = "auto",
      description =
          "Let the kernel tell of what others change in the directory, so that it is put right in"
              + " moments: auto (default), with a watch of inotify for each directory as far as"
              + " there are any; off, only by --drift-interval.")
  private String driftEvents = "auto";

  @Option(
      names = "--drift-rehash",
      paramLabel = "PERCENT",
      defaultValue = "1",
      description =
          "Of the files that look unchanged read so many at each look through the directory, others"
              + " each time, and compare their bytes: so damage of the disk is found. 0 to 100."
              + " Default: ${DEFAULT-VALUE}")
  private int driftRehash = 1;

  @Option(
      names = "--keep-drift",
      paramLabel = "yes|no|DIR",
      defaultValue = "yes",
      description =
          "Before what others changed is put right, copy what stands there: yes (default), to"
              + " kept-aside of the state; to a directory DIR; or no, and only tell of it in the"
              + " log. Copies stay until you remove them.")
  private String keepDrift = "yes";

  @Option(
      names = "--on-change",
      paramLabel = "COMMAND",
      description =
          "Run a command of the shell after changes are visible, once for all that come close"
              + " together, as in --on-change 'nginx -s reload'. TIDEMARK_TREE, TIDEMARK_DIR and"
              + " TIDEMARK_SEQUENCE tell it of what.")
  private @Nullable String onChange;

  @Option(
      names = "--check",
      description =
          "Compare the directory with what was applied there, print what differs, and end: exit"
              + " code 1 if anything does. Needs no broker.")
  private boolean check;

  @Option(names = "--json", description = "With --check: print one JSON object.")
  private boolean json;

  @Mixin private OwnerOptions owners = new OwnerOptions();
  @Mixin private BrokerOptions broker = new BrokerOptions();
  @Mixin private DataOption data = new DataOption();
  @Mixin private MetricsOptions metrics = new MetricsOptions();

  MirrorCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException {
    TreeName mirrored = TreeFolder.tree(tree);
    Path folder = RawArguments.path(target);
    metrics.requireSound();
    if (check) {
      return check(mirrored, folder);
    }
    if (json) {
      throw new ArgumentException("--json goes with --check: a mirror prints no data");
    }
    LogConnection log = broker.require(surroundings).as(Role.STANDBY);
    DataFolder state = data.folder(surroundings);
    new Placement().owned("Standby of tree " + mirrored, folder).owned("Data folder", state.root());
    if (keepDrift() instanceof KeepDrift.In(Path kept)) {
      new Placement()
          .owned("Standby of tree " + mirrored, folder)
          .owned("Folder of --keep-drift", kept);
    }
    state.create();
    String standby = name == null ? hostName() : name;
    MirrorConfig config =
        MirrorConfig.of(mirrored, folder, state.standby(mirrored), standby, log)
            .withRepository(repository)
            .with(subset())
            .withOwners(owners.ids())
            .withDelay(delay())
            .withBound(bound(mirrored, log))
            .with(durability())
            .with(framesFrom())
            .with(driftPlan())
            .withTakeOver(takeOver ? TargetTakeOver.REPLACE : TargetTakeOver.REFUSE);
    try (StatusLine line = surroundings.statusLine();
        Roles roles = new Roles()) {
      Mirror mirror =
          Mirror.start(config, metrics.traceInto(surroundings, roles, "tidemark-mirror"));
      roles.add("The standby of tree " + mirrored, mirror, mirror.failure());
      if (onChange != null) {
        roles.add("The command after changes", hook(onChange, config, mirror));
      }
      line.message("started: %s follows tree %s as %s".formatted(folder, mirrored, standby));
      Observation observation = observe(mirrored, mirror, line, roles);
      ProcessLoop.run(
          surroundings.stop(),
          line,
          () -> {
            roles.requireAllRunning();
            observation.cameRound();
          },
          () -> describe(mirror.status()));
      line.message("stopping");
    }
    surroundings.err().println("stopped; the next start goes on from here");
    return ExitCode.OK.number();
  }

  private Subset subset() {
    List<NodePath> parts = new ArrayList<>();
    for (String path : paths) {
      NodePath part = PathArgument.parse(path);
      if (part.isRoot()) {
        throw new ArgumentException(
            "--path %s: expected a part of the tree; leave it out for all".formatted(path));
      }
      parts.add(part);
    }
    return Subset.of(parts);
  }

  private DriftPlan driftPlan() {
    Events events =
        switch (driftEvents) {
          case "auto" -> Events.AUTO;
          case "off" -> Events.OFF;
          default ->
              throw new ArgumentException(
                  "--drift-events %s: expected auto or off".formatted(driftEvents));
        };
    if (driftRehash < 0 || driftRehash > 100) {
      throw new ArgumentException("--drift-rehash %d: expected 0 to 100".formatted(driftRehash));
    }
    return new DriftPlan(
        DurationArgument.parse("--drift-interval", driftInterval),
        events,
        driftRehash,
        keepDrift());
  }

  private KeepDrift keepDrift() {
    return switch (keepDrift) {
      case "yes" -> new KeepDrift.Usual();
      case "no" -> new KeepDrift.No();
      default -> new KeepDrift.In(RawArguments.path(keepDrift));
    };
  }

  private Observation observe(TreeName mirrored, Mirror mirror, StatusLine line, Roles roles)
      throws IOException {
    return metrics.start(
        surroundings,
        line,
        roles,
        meters -> RoleMeters.standbys(meters, () -> Map.of(mirrored, Standby.of(mirror))),
        () -> List.of(Part.standby(mirrored.value(), mirror.status())));
  }

  private Durability durability() {
    return switch (fsync) {
      case "none" -> Durability.NONE;
      case "batch" -> Durability.BATCH;
      case "file" -> Durability.FILE;
      default ->
          throw new ArgumentException("--fsync %s: expected none, batch or file".formatted(fsync));
    };
  }

  private FramesFrom framesFrom() {
    FramesFrom from =
        switch (frames) {
          case "kafka" -> FramesFrom.KAFKA;
          case "repository" -> FramesFrom.REPOSITORY;
          case "auto" -> FramesFrom.AUTO;
          default ->
              throw new ArgumentException(
                  "--frames %s: expected kafka, repository or auto".formatted(frames));
        };
    if (from == FramesFrom.REPOSITORY && repository.isEmpty()) {
      throw new ArgumentException("--frames repository: name one with --repository URL");
    }
    return from;
  }

  private Bound bound(TreeName mirrored, LogConnection log) throws IOException {
    if (toSequence != null && toTag != null) {
      throw new ArgumentException(
          "--to-sequence and --to-tag are both given: one bounds the other");
    }
    if (toSequence != null) {
      return new Bound.Sequence(toSequence);
    }
    if (toTag == null) {
      return Bound.NONE;
    }
    if (repository.isEmpty()) {
      return new Bound.Tag(toTag, OptionalLong.empty());
    }
    try (Reading reading = Reading.open(repository, Optional.of(log))) {
      return new Bound.Tag(toTag, reading.findTag(mirrored, toTag));
    }
  }

  private int check(TreeName mirrored, Path folder) throws IOException {
    Path state = data.folder(surroundings).standby(mirrored);
    if (!Files.isDirectory(state)) {
      throw new IOException(
          "There is no state of a mirror of tree %s at %s: name its data folder with --data."
              .formatted(mirrored, state));
    }
    DriftText text = new DriftText(surroundings.out(), json);
    return text.end(DriftCheck.run(folder, state, owners.ids(), text)) == 0
        ? ExitCode.OK.number()
        : ExitCode.FAILURE.number();
  }

  private Duration delay() {
    Duration wanted = DurationArgument.parse("--delay", delay);
    if (wanted.compareTo(LONGEST_DELAY) > 0) {
      throw new ArgumentException(
          "--delay %s: expected at most 7d, for which the log keeps chunks".formatted(delay));
    }
    return wanted;
  }

  private static ChangeHook hook(String command, MirrorConfig config, Mirror mirror) {
    return ChangeHook.start(
        command,
        Map.of("TIDEMARK_TREE", config.tree().value(), "TIDEMARK_DIR", config.target().toString()),
        () -> {
          MirrorStatus status = mirror.status();
          boolean whole = status.phase() == Phase.FOLLOWING || status.phase() == Phase.HELD;
          return whole ? status.appliedSequence() : -1;
        });
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException noName) {
      return "standby";
    }
  }

  private static String describe(MirrorStatus status) {
    return "%s at sequence %d, lag %s%s"
        .formatted(
            switch (status.phase()) {
              case FOLLOWING -> "following";
              case HELD -> "standing";
              case STARTING, SYNCING, CLOSED -> "catching up";
            },
            status.appliedSequence(),
            Amounts.millis(status.lagMillis()),
            status.error().isEmpty() ? "" : " | " + status.error());
  }
}
