package dev.tidemark.cli;

import dev.tidemark.cli.argument.ArgumentException;
import dev.tidemark.cli.metrics.Health.Part;
import dev.tidemark.cli.metrics.Observation;
import dev.tidemark.cli.metrics.RoleMeters;
import dev.tidemark.cli.process.Amounts;
import dev.tidemark.cli.process.DataFolder;
import dev.tidemark.cli.process.ProcessLoop;
import dev.tidemark.cli.process.Roles;
import dev.tidemark.cli.process.StatusLine;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.access.Role;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.verify.Scrubber;
import dev.tidemark.schemas.trace.ChangeTrace;
import dev.tidemark.store.ChunkStore;
import dev.tidemark.store.ChunkStoreConfig;
import dev.tidemark.store.ChunkStoreStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tidemark store}: one chunk-store as a process. */
@Command(
    name = "store",
    sortOptions = false,
    description =
        "Deduplicate, pack and seal what is in Kafka into a repository, which is made if the log"
            + " belongs to none yet. Its state is kept in store of the data folder.")
final class StoreCommand implements Callable<Integer> {
  private static final int MAX_STANDBY_REPLICAS = 10;

  private final Surroundings surroundings;

  @Option(
      names = "--repository",
      paramLabel = "URL",
      required = true,
      description = "The repository: " + RepositoryUrl.FORMS + ".")
  private String repository = "";

  @Option(
      names = "--flush-interval",
      paramLabel = "SECONDS",
      defaultValue = "10",
      description =
          "Longest time a chunk waits for others to share its pack. Default: ${DEFAULT-VALUE}")
  private int flushSeconds;

  @Option(
      names = "--standby-replicas",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Copies of each task's state that other chunk-stores of this log keep ready, so that one"
              + " of them goes on at once. With one chunk-store there is no place for any. Default:"
              + " ${DEFAULT-VALUE}")
  private int standbyReplicas;

  @Mixin private ScrubOption scrub = new ScrubOption();
  @Mixin private BrokerOptions broker = new BrokerOptions();
  @Mixin private DataOption data = new DataOption();
  @Mixin private MetricsOptions metrics = new MetricsOptions();

  StoreCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException {
    metrics.requireSound();
    if (flushSeconds < 0 || flushSeconds > 3600) {
      throw new ArgumentException(
          "--flush-interval %d: expected 0 to 3600 seconds".formatted(flushSeconds));
    }
    if (standbyReplicas < 0 || standbyReplicas > MAX_STANDBY_REPLICAS) {
      throw new ArgumentException(
          "--standby-replicas %d: expected 0 to %d"
              .formatted(standbyReplicas, MAX_STANDBY_REPLICAS));
    }
    LogConnection log = broker.require(surroundings).as(Role.STORE);
    DataFolder folder = data.folder(surroundings);
    folder.create();
    ChunkStoreConfig config =
        ChunkStoreConfig.of(log, repository, folder.store())
            .withFlushInterval(Duration.ofSeconds(flushSeconds))
            .withStandbyReplicas(standbyReplicas);
    try (StatusLine line = surroundings.statusLine();
        Roles roles = new Roles()) {
      ChangeTrace trace = metrics.traceInto(surroundings, roles, "tidemark-store");
      ChunkStore store =
          ChunkStore.start(config, metrics.around(Repository.openStore(repository)), trace);
      roles.add("The chunk-store", store, store.failure());
      Optional<Scrubber> scrubber = startScrubber(roles, folder);
      Observation observation =
          metrics.start(
              surroundings,
              line,
              roles,
              meters -> {
                RoleMeters.store(meters, store::status);
                scrubber.ifPresent(s -> RoleMeters.scrub(meters, s::status));
              },
              () -> List.of(Part.store(store.status())));
      line.message("started: sealing into %s".formatted(repository));
      ProcessLoop.run(
          surroundings.stop(),
          line,
          () -> {
            roles.requireAllRunning();
            observation.cameRound();
          },
          () ->
              describe(store.status())
                  + scrubber.map(s -> ", " + s.status().describe()).orElse(""));
      line.message("stopping");
    }
    surroundings.err().println("stopped; what was not sealed is in the log");
    return ExitCode.OK.number();
  }

  private Optional<Scrubber> startScrubber(Roles roles, DataFolder folder) throws IOException {
    Optional<Duration> cycle = scrub.cycle();
    if (cycle.isEmpty()) {
      return Optional.empty();
    }
    Scrubber started =
        Scrubber.start(
            Repository.openStore(repository), folder.store().resolve("scrub"), cycle.get());
    return Optional.of(roles.add("The scrub", started, started.failure()));
  }

  private static String describe(ChunkStoreStatus status) {
    long unsealed =
        status.trees().values().stream().mapToLong(ChunkStoreStatus.TreeStatus::lagChanges).sum();
    return "%s, %s frames (%s known), %s stored in %s packs, %s to seal%s"
        .formatted(
            status.state().toLowerCase(java.util.Locale.ROOT),
            Amounts.count(status.frames()),
            Amounts.count(status.duplicates()),
            Amounts.bytes(status.storedBytes()),
            Amounts.count(status.packs()),
            Amounts.count(unsealed),
            status.alarm().or(status::repositoryError).map(error -> " | " + error).orElse(""));
  }
}
