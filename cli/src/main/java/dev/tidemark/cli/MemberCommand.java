package dev.tidemark.cli;

import dev.tidemark.broker.FolderLock;
import dev.tidemark.cli.argument.ArgumentException;
import dev.tidemark.cli.argument.Placement;
import dev.tidemark.cli.argument.TreeFolder;
import dev.tidemark.cli.member.Member;
import dev.tidemark.cli.member.MemberConfig;
import dev.tidemark.cli.member.MemberRole;
import dev.tidemark.cli.metrics.Health.Part;
import dev.tidemark.cli.metrics.Meters;
import dev.tidemark.cli.metrics.Observation;
import dev.tidemark.cli.metrics.RoleMeters;
import dev.tidemark.cli.metrics.RoleMeters.Standby;
import dev.tidemark.cli.process.ControlSocket;
import dev.tidemark.cli.process.DataFolder;
import dev.tidemark.cli.process.ProcessLoop;
import dev.tidemark.cli.process.Roles;
import dev.tidemark.cli.process.StatusLine;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.access.Role;
import dev.tidemark.mirror.MirrorConfig;
import dev.tidemark.mirror.MirrorConfig.TargetTakeOver;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.trace.ChangeTrace;
import dev.tidemark.watcher.TakeOver;
import dev.tidemark.watcher.WatcherConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemark member}: one host of a pair, or of more, as a process. */
@Command(
    name = "member",
    sortOptions = false,
    description = {
      "Be one host of a group in which one writes a tree and the others stand by: publish the"
          + " directory while this host is the writer, keep it equal to the tree while it is not."
          + " `tidemark promote` makes a standby the writer, `tidemark rejoin` makes the writer a"
          + " standby; a writer that another host has replaced stands by at once, and what it had"
          + " written that was not accepted is kept aside.",
      "The role is kept in member/TREE of the data folder, and gone on with at the next start."
    })
final class MemberCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Parameters(paramLabel = "TREE=DIR", description = "The tree's name and this host's directory.")
  private String tree = "";

  @Option(
      names = "--as",
      paramLabel = "ROLE",
      description =
          "The role of the first start: writer on the host whose directory is the tree, standby on"
              + " the others. Later starts go on with the role that is kept.")
  private @Nullable String first;

  @Option(
      names = "--repository",
      paramLabel = "URL",
      required = true,
      description = "Where the tree is kept: " + RepositoryUrl.FORMS)
  private String repository = "";

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Name of this host among the tree's writers and standbys. Default: its own.")
  private @Nullable String name;

  @Option(
      names = "--take-over",
      description =
          "As a standby, make a directory equal in which something stands already; as a writer,"
              + " replace one whose state folder this is not. For the first start.")
  private boolean takeOver;

  @Mixin private ControlOptions control = new ControlOptions();
  @Mixin private OwnerOptions owners = new OwnerOptions();
  @Mixin private BrokerOptions broker = new BrokerOptions();
  @Mixin private DataOption data = new DataOption();
  @Mixin private CaptureOptions capture = new CaptureOptions();
  @Mixin private UnreadableOption unreadable = new UnreadableOption();
  @Mixin private MetricsOptions metrics = new MetricsOptions();

  MemberCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException {
    metrics.requireSound();
    TreeFolder place = TreeFolder.parse(tree);
    DataFolder folder = data.folder(surroundings);
    MemberConfig config = config(place, folder, broker.require(surroundings).as(Role.MEMBER));
    Placement placement = new Placement();
    String what = "Directory of tree " + place.tree();
    if (config.first().filter(MemberRole.WRITER::equals).isPresent()) {
      placement.source(what, place.folder());
    } else {
      placement.owned(what, place.folder());
    }
    placement.owned("Data folder", folder.root());
    folder.create();
    try (FolderLock _ = folder.lockForMember(place.tree());
        StatusLine line = surroundings.statusLine();
        Roles roles = new Roles()) {
      Member member =
          Member.start(
              config.with(metrics.traceInto(surroundings, roles, "tidemark-member")),
              line::message,
              surroundings.clock());
      roles.add("The member of tree " + place.tree(), member, member.failure());
      roles.add(
          "The control socket",
          ControlSocket.start(member, folder.control(place.tree()), place.tree().value()));
      line.message(
          "started: %s as %s of tree %s".formatted(place.folder(), member.role(), place.tree()));
      Observation observation = observe(place, member, line, roles);
      ProcessLoop.run(
          surroundings.stop(),
          line,
          () -> {
            roles.requireAllRunning();
            observation.cameRound();
          },
          member::describe);
      line.message("stopping");
    }
    surroundings.err().println("stopped; the next start goes on with the same role");
    return ExitCode.OK.number();
  }

  private Observation observe(TreeFolder place, Member member, StatusLine line, Roles roles)
      throws IOException {
    return metrics.start(
        surroundings,
        line,
        roles,
        meters -> name(meters, place.tree(), member),
        () -> parts(place, member));
  }

  private static void name(Meters meters, TreeName tree, Member member) {
    RoleMeters.watchers(
        meters,
        () -> member.watcher().map(watcher -> Map.of(tree, watcher.status())).orElse(Map.of()));
    RoleMeters.standbys(
        meters,
        () -> member.mirror().map(mirror -> Map.of(tree, Standby.of(mirror))).orElse(Map.of()));
  }

  /** The role that it has now; between two there is none, and the host is not ready. */
  private static List<Part> parts(TreeFolder place, Member member) {
    List<Part> parts = new ArrayList<>();
    String tree = place.tree().value();
    member.watcher().ifPresent(watcher -> parts.add(Part.watcher(tree, watcher.status())));
    member.mirror().ifPresent(mirror -> parts.add(Part.standby(tree, mirror.status())));
    if (parts.isEmpty()) {
      parts.add(new Part("member of tree " + tree, false, member.describe()));
    }
    return parts;
  }

  private MemberConfig config(TreeFolder place, DataFolder folder, LogConnection log)
      throws IOException {
    WatcherConfig watcher =
        WatcherConfig.of(place.tree(), place.folder(), folder.watcher(place.tree()), log)
            .with(takeOver ? TakeOver.FORCE : TakeOver.REFUSE)
            .with(control.control())
            .with(capture.settings())
            .with(unreadable.choice());
    String host = name == null ? watcher.host() : name;
    MirrorConfig mirror =
        MirrorConfig.of(place.tree(), place.folder(), folder.standby(place.tree()), host, log)
            .withRepository(repository)
            .withOwners(owners.ids())
            .withTakeOver(takeOver ? TargetTakeOver.REPLACE : TargetTakeOver.REFUSE);
    return new MemberConfig(
        folder.member(place.tree()), watcher.withHost(host), mirror, firstRole(), ChangeTrace.OFF);
  }

  private Optional<MemberRole> firstRole() {
    if (first == null) {
      return Optional.empty();
    }
    return Optional.of(
        switch (first) {
          case "writer" -> MemberRole.WRITER;
          case "standby" -> MemberRole.STANDBY;
          default ->
              throw new ArgumentException("--as %s: expected writer or standby".formatted(first));
        });
  }
}
