package dev.tidemark.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemark.cli.argument.ArgumentException;
import dev.tidemark.cli.argument.DurationArgument;
import dev.tidemark.cli.argument.TreeFolder;
import dev.tidemark.cli.process.Amounts;
import dev.tidemark.cli.reading.Json;
import dev.tidemark.cli.reading.Reading;
import dev.tidemark.cli.retain.RetainRun;
import dev.tidemark.cli.retain.RetainRun.Result;
import dev.tidemark.cli.retain.RetainRun.TreeResult;
import dev.tidemark.repository.cleanup.CleanupConfig;
import dev.tidemark.repository.cleanup.CleanupReport;
import dev.tidemark.repository.retention.KeptInstant;
import dev.tidemark.repository.retention.RetentionPlan;
import dev.tidemark.repository.retention.RetentionPolicy;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemark retain}. */
@Command(
    name = "retain",
    sortOptions = false,
    description = {
      "Take instants out of the history of trees by a policy, and free what nothing needs any more."
          + " Tags, held instants, the newest day and what the policy names stay. Run it every week"
          + " or so, beside everything else: what it takes out is deleted by runs a day later or"
          + " more. Without TREE it only frees."
    })
final class RetainCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Parameters(
      arity = "0..*",
      paramLabel = "TREE",
      description = "The trees that the policy is for.")
  private List<String> trees = new ArrayList<>();

  @Option(
      names = "--keep-within",
      paramLabel = "TIME",
      description =
          "Keep every instant that is at most so much older than the newest: "
              + DurationArgument.FORMS
              + ". At least a day is kept so.")
  private String within = "0";

  @Option(
      names = "--keep-hourly",
      paramLabel = "N",
      description = "Of the last N hours that have an instant keep the last one of each.")
  private int hourly;

  @Option(names = "--keep-daily", paramLabel = "N", description = "The same with days.")
  private int daily;

  @Option(names = "--keep-weekly", paramLabel = "N", description = "The same with weeks.")
  private int weekly;

  @Option(names = "--keep-monthly", paramLabel = "N", description = "The same with months.")
  private int monthly;

  @Option(names = "--keep-yearly", paramLabel = "N", description = "The same with years.")
  private int yearly;

  @Option(names = "--dry-run", description = "Show what would go, and what that frees; do nothing.")
  private boolean dryRun;

  @Option(
      names = "--grace",
      paramLabel = "TIME",
      defaultValue = "24h",
      description =
          "Delete nothing earlier than this after it left the history. At least, and by default,"
              + " ${DEFAULT-VALUE}.")
  private String grace = "24h";

  @Option(
      names = "--max-unused",
      paramLabel = "PERCENT",
      defaultValue = "5",
      description =
          "So much of what is stored may stay though nothing needs it: packs are rewritten until no"
              + " more is left. Less frees more and copies more; 100 rewrites none but small ones."
              + " Default: ${DEFAULT-VALUE}")
  private int maxUnusedPercent = 5;

  @Option(
      names = "--memory",
      paramLabel = "MIB",
      defaultValue = "64",
      description =
          "Bound of the memory in which is noted what is in use; too little only makes some garbage"
              + " stay. Default: ${DEFAULT-VALUE}")
  private int memoryMib = 64;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Mixin private ReadOptions options = new ReadOptions();

  RetainCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException, CommandException {
    List<TreeName> named = trees.stream().map(TreeFolder::tree).distinct().toList();
    RetentionPolicy policy = policy();
    CleanupConfig config = config();
    ReadOptions.Place place = options.find(surroundings);
    Result result;
    try (Reading reading = Reading.open(place.repositoryUrl(), place.log())) {
      for (TreeName tree : named) {
        reading.requireKnown(tree);
      }
      RetainRun run =
          new RetainRun(
              reading.repository(), config, place.log(), surroundings.clock(), new SecureRandom());
      result = dryRun ? run.dryRun(named, policy) : run.run(named, policy);
    }
    if (json) {
      surroundings.out().println(Json.write(summary(result, config)));
    } else {
      result.trees().forEach(this::print);
      print(result.cleanup());
      if (dryRun) {
        surroundings
            .out()
            .printf(
                "requests: about %s puts and %s deletes, a day or more apart%n",
                Amounts.count(result.plannedPuts(config.packBytes())),
                Amounts.count(result.plannedDeletes()));
      }
    }
    if (!dryRun && !result.asksOwners() && result.cleanup().packsWaiting() > 0) {
      surroundings
          .err()
          .println(
              "tidemark: packs are deleted only while a chunk-store can be asked: run this while"
                  + " `tidemark up` runs on the data folder, or with --bootstrap-server.");
    }
    if (result.cleanup().packsLeft() > 0) {
      surroundings
          .err()
          .printf(
              "tidemark: %s packs could not be deleted: their chunk-store did not answer, or they"
                  + " are damaged (--verbose tells). The next run tries again.%n",
              Amounts.count(result.cleanup().packsLeft()));
    }
    return result.cleanup().packsLeft() > 0 ? ExitCode.PARTIAL.number() : ExitCode.OK.number();
  }

  private RetentionPolicy policy() {
    RetentionPolicy policy =
        new RetentionPolicy(
            DurationArgument.parse("--keep-within", within),
            hourly,
            daily,
            weekly,
            monthly,
            yearly,
            surroundings.zone());
    if (trees.isEmpty() && !policy.isEmpty()) {
      throw new ArgumentException("a policy is given without a tree: name those it is for");
    }
    if (!trees.isEmpty() && policy.isEmpty()) {
      throw new ArgumentException(
          "no policy is given, so that only the newest day would be kept: name at least one"
              + " --keep-…, such as --keep-within 1d");
    }
    return policy;
  }

  private CleanupConfig config() {
    Duration wanted = DurationArgument.parse("--grace", grace);
    if (wanted.compareTo(CleanupConfig.DEFAULT.grace()) < 0) {
      throw new ArgumentException(
          "--grace %s: expected at least 24h, which writers and readers rely on".formatted(grace));
    }
    if (memoryMib < 1 || memoryMib > 2048) {
      throw new ArgumentException("--memory %d: expected 1 to 2048 MiB".formatted(memoryMib));
    }
    if (maxUnusedPercent < 0 || maxUnusedPercent > 100) {
      throw new ArgumentException(
          "--max-unused %d: expected 0 to 100 percent".formatted(maxUnusedPercent));
    }
    return CleanupConfig.DEFAULT
        .withGrace(wanted)
        .withFilterBytes((long) memoryMib << 20)
        .withUnusedPercent(maxUnusedPercent);
  }

  private void print(TreeResult result) {
    if (result.plan().isEmpty()) {
      surroundings.out().printf("tree %s: nothing of it is sealed yet%n", result.tree());
      return;
    }
    RetentionPlan plan = result.plan().get();
    surroundings
        .out()
        .printf(
            "tree %s: all since %s %s, and %s instants before that:%n",
            result.tree(),
            Instant.ofEpochMilli(plan.windowMillis()),
            dryRun ? "would stay" : "stays",
            Amounts.count(plan.kept().size()));
    for (KeptInstant instant : plan.kept()) {
      surroundings
          .out()
          .printf(
              "  %s  sequence %d  %s%n",
              Instant.ofEpochMilli(instant.logTimeMillis()),
              instant.sequence(),
              String.join(", ", instant.reasons()));
    }
    surroundings
        .out()
        .printf(
            "  %s: %s runs of changes, %s snapshots; %s segments of %s follow after the grace%n",
            dryRun ? "would go" : "gone",
            Amounts.count(plan.ranges().size()),
            Amounts.count(plan.snapshotsToDelete().size()),
            Amounts.count(plan.segments()),
            Amounts.bytes(plan.segmentBytes()));
    if (result.applied().isPresent() && result.applied().get().segmentsDeleted() > 0) {
      surroundings
          .out()
          .printf(
              "  deleted of earlier runs: %s segments of %s%n",
              Amounts.count(result.applied().get().segmentsDeleted()),
              Amounts.bytes(result.applied().get().segmentBytesDeleted()));
    }
  }

  private void print(CleanupReport report) {
    surroundings
        .out()
        .printf(
            "packs: %s of %s, of which %s %s needed%n",
            Amounts.count(report.packs()),
            Amounts.bytes(report.packBytes()),
            Amounts.bytes(report.deadBytes()),
            dryRun ? "would not be" : "are not");
    surroundings
        .out()
        .printf(
            "  %s for deletion a grace later: %s packs of %s, %s of them still needed and copied"
                + " first%n",
            dryRun ? "would be announced" : "announced",
            Amounts.count(report.packsAnnounced()),
            Amounts.bytes(report.announcedBytes()),
            Amounts.bytes(report.bytesToCopy()));
    if (dryRun) {
      surroundings
          .out()
          .printf("  frees %s%n", Amounts.bytes(report.announcedBytes() - report.bytesToCopy()));
    } else {
      surroundings
          .out()
          .printf(
              "  deleted: %s packs of %s, %s of them copied; waiting: %s%n",
              Amounts.count(report.packsDeleted()),
              Amounts.bytes(report.bytesDeleted()),
              Amounts.bytes(report.bytesCopied()),
              Amounts.count(report.packsWaiting()));
    }
  }

  private ObjectNode summary(Result result, CleanupConfig config) {
    ObjectNode root = Json.object().put("dryRun", dryRun).put("asksOwners", result.asksOwners());
    ArrayNode array = root.putArray("trees");
    for (TreeResult tree : result.trees()) {
      ObjectNode node = array.addObject().put("tree", tree.tree().value());
      tree.plan().ifPresent(plan -> add(node, plan));
      tree.applied()
          .ifPresent(
              applied ->
                  node.put("snapshotsMade", applied.snapshotsMade())
                      .put("snapshotsDeleted", applied.snapshotsDeleted())
                      .put("segmentsDeleted", applied.segmentsDeleted())
                      .put("segmentBytesDeleted", applied.segmentBytesDeleted()));
    }
    CleanupReport report = result.cleanup();
    root.putObject("cleanup")
        .put("packs", report.packs())
        .put("packBytes", report.packBytes())
        .put("deadBytes", report.deadBytes())
        .put("packsAnnounced", report.packsAnnounced())
        .put("announcedBytes", report.announcedBytes())
        .put("bytesToCopy", report.bytesToCopy())
        .put("packsWaiting", report.packsWaiting())
        .put("packsDeleted", report.packsDeleted())
        .put("bytesDeleted", report.bytesDeleted())
        .put("bytesCopied", report.bytesCopied())
        .put("packsLeft", report.packsLeft())
        .put("released", report.released())
        .put("refused", report.refused())
        .put("manifestsDeleted", report.manifestsDeleted());
    if (dryRun) {
      root.put("bytesFreed", report.announcedBytes() - report.bytesToCopy())
          .putObject("requests")
          .put("puts", result.plannedPuts(config.packBytes()))
          .put("deletes", result.plannedDeletes());
    }
    return root;
  }

  private static void add(ObjectNode node, RetentionPlan plan) {
    node.put("allSince", Instant.ofEpochMilli(plan.windowMillis()).toString())
        .put("ranges", plan.ranges().size())
        .put("snapshotsToDelete", plan.snapshotsToDelete().size())
        .put("segments", plan.segments())
        .put("segmentBytes", plan.segmentBytes());
    ArrayNode kept = node.putArray("kept");
    for (KeptInstant instant : plan.kept()) {
      ArrayNode reasons =
          kept.addObject()
              .put("sequence", instant.sequence())
              .put("logTime", Instant.ofEpochMilli(instant.logTimeMillis()).toString())
              .putArray("reasons");
      instant.reasons().forEach(reasons::add);
    }
  }
}
