package dev.tidemark.cli.retain;

import dev.tidemark.log.Descriptors;
import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogTopics;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.cleanup.ChunkOwners;
import dev.tidemark.repository.cleanup.Cleanup;
import dev.tidemark.repository.cleanup.CleanupConfig;
import dev.tidemark.repository.cleanup.CleanupReport;
import dev.tidemark.repository.retention.RetentionPlan;
import dev.tidemark.repository.retention.RetentionPolicy;
import dev.tidemark.repository.retention.RetentionReport;
import dev.tidemark.repository.retention.TreeRetention;
import dev.tidemark.repository.victim.Announcements;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.topic.RepositoryDescriptor;
import dev.tidemark.store.cleanup.LoggedOwners;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** One run over one repository. */
public final class RetainRun {
  private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(60);

  private final Repository repository;
  private final CleanupConfig config;
  private final Optional<LogConnection> log;
  private final InstantSource clock;
  private final RandomGenerator random;

  /**
   * @param log without which packs are chosen, but none is deleted
   */
  public RetainRun(
      Repository repository,
      CleanupConfig config,
      Optional<LogConnection> log,
      InstantSource clock,
      RandomGenerator random) {
    this.repository = repository;
    this.config = config;
    this.log = log;
    this.clock = clock;
    this.random = random;
  }

  /**
   * What became of one tree.
   *
   * @param plan empty if nothing of the tree is sealed
   * @param applied what was done of it; of a dry run nothing
   */
  public record TreeResult(
      TreeName tree, Optional<RetentionPlan> plan, Optional<RetentionReport> applied) {}

  /**
   * What a run has done, or would do.
   *
   * @param asksOwners whether the owners of chunks could be asked
   */
  public record Result(List<TreeResult> trees, CleanupReport cleanup, boolean asksOwners) {
    public Result {
      trees = List.copyOf(trees);
    }

    /**
     * About how many blobs are put for what is planned, by this run and those that finish it; of a
     * snapshot one manifest is counted.
     */
    public long plannedPuts(int packBytes) {
      long planned =
          plans().mapToLong(p -> 2L * p.snapshotsToMake().size() + p.ranges().size()).sum();
      long packs = (cleanup.bytesToCopy() + packBytes - 1) / packBytes;
      long announced = cleanup.packsAnnounced() > 0 ? 3 : 0;
      return planned + 2 * packs + announced;
    }

    /** About how many blobs are deleted for what is planned. */
    public long plannedDeletes() {
      long planned = plans().mapToLong(p -> p.snapshotsToDelete().size() + p.segments()).sum();
      long announced = cleanup.packsAnnounced() > 0 ? 3 : 0;
      return planned + cleanup.packsAnnounced() + announced;
    }

    private Stream<RetentionPlan> plans() {
      return trees.stream().flatMap(tree -> tree.plan().stream());
    }
  }

  /** Plans, and writes nothing. */
  public Result dryRun(List<TreeName> trees, RetentionPolicy policy) throws IOException {
    List<TreeResult> results = new ArrayList<>();
    List<RetentionPlan> plans = new ArrayList<>();
    for (TreeName tree : trees) {
      Optional<RetentionPlan> plan = retention(tree).plan(policy);
      plan.ifPresent(plans::add);
      results.add(new TreeResult(tree, plan, Optional.empty()));
    }
    return new Result(results, cleanup().estimate(plans), log.isPresent());
  }

  /** Does it. */
  public Result run(List<TreeName> trees, RetentionPolicy policy) throws IOException {
    Optional<ChunkOwners> owners = owners();
    List<TreeResult> results = new ArrayList<>();
    long storeMillis = new Announcements(repository.store()).storeMillis();
    for (TreeName tree : repository.trees()) {
      TreeRetention retention = retention(tree);
      RetentionReport swept = retention.sweep(storeMillis);
      if (trees.contains(tree)) {
        Optional<RetentionPlan> plan = retention.plan(policy);
        RetentionReport applied =
            plan.isPresent() ? retention.apply(plan.get()).plus(swept) : swept;
        results.add(new TreeResult(tree, plan, Optional.of(applied)));
      }
    }
    return new Result(results, cleanup().run(owners), owners.isPresent());
  }

  private TreeRetention retention(TreeName tree) {
    return new TreeRetention(repository, tree, config.grace());
  }

  private Cleanup cleanup() {
    return new Cleanup(repository, config, clock, random);
  }

  private Optional<ChunkOwners> owners() throws IOException {
    if (log.isEmpty()) {
      return Optional.empty();
    }
    LogTopics topics;
    try (LogAdmin admin = LogAdmin.connect(log.get())) {
      topics = admin.requireTopics();
    }
    RepositoryDescriptor descriptor =
        Descriptors.find(log.get(), topics)
            .filter(found -> found.id().equals(repository.descriptor().id()))
            .orElseThrow(
                () ->
                    new IOException(
                        ("The log does not belong to the repository at %s, %s. Name the one that"
                                + " does with --bootstrap-server and --topic-prefix; nothing was"
                                + " done.")
                            .formatted(
                                repository.store().location(), repository.descriptor().id())));
    return Optional.of(
        new LoggedOwners(log.get(), topics, descriptor.chunksPartitions(), ANSWER_PATIENCE));
  }
}
