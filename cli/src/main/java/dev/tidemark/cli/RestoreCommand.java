package dev.tidemark.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemark.apply.Losses.Loss;
import dev.tidemark.apply.SyncOptions.ExistingFiles;
import dev.tidemark.apply.SyncOptions.ExtraEntries;
import dev.tidemark.apply.SyncReport;
import dev.tidemark.cli.argument.InstantArgument;
import dev.tidemark.cli.argument.Placement;
import dev.tidemark.cli.argument.RawArguments;
import dev.tidemark.cli.argument.TreeFolder;
import dev.tidemark.cli.process.Amounts;
import dev.tidemark.cli.process.StatusLine;
import dev.tidemark.cli.reading.Json;
import dev.tidemark.cli.reading.PathArgument;
import dev.tidemark.cli.reading.Reading;
import dev.tidemark.repository.history.At;
import dev.tidemark.restore.ProgressListener;
import dev.tidemark.restore.Restore;
import dev.tidemark.restore.RestoreConfig;
import dev.tidemark.restore.RestoreReport;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
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
          + " an interrupted restore goes on when it is run again."
    })
final class RestoreCommand implements Callable<Integer> {
  private static final long PROGRESS_NANOS = 200_000_000;

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
      required = true,
      description = "The directory to restore into; made if missing.")
  private String target = "";

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

  @Option(names = "--json", description = "Print the summary as one JSON object.")
  private boolean json;

  @Mixin private OwnerOptions owners = new OwnerOptions();

  @Mixin private ReadOptions options = new ReadOptions();

  RestoreCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException, CommandException {
    TreeName name = TreeFolder.tree(tree);
    if (InstantArgument.findTag(at).isEmpty()) {
      InstantArgument.parse(at, surroundings.clock(), surroundings.zone());
    }
    NodePath part = PathArgument.parse(path);
    Path folder = RawArguments.path(target);
    ReadOptions.Place place = options.find(surroundings);
    Placement placement = new Placement().owned("Target", folder);
    if (place.folder().isPresent()) {
      placement.owned(place.role(), place.folder().get());
    }
    At instant;
    RestoreConfig config;
    try (Reading reading = Reading.open(place.repositoryUrl(), place.log())) {
      reading.requireKnown(name);
      instant = reading.instant(name, at, surroundings.clock(), surroundings.zone());
      config =
          RestoreConfig.of(name, instant, folder, place.repositoryUrl())
              .withPath(part)
              .withOwners(owners.ids())
              .withExtras(delete ? ExtraEntries.REMOVE : ExtraEntries.LEAVE)
              .withExisting(
                  verify
                      ? ExistingFiles.KEEP_IF_CONTENT_EQUAL
                      : ExistingFiles.KEEP_IF_METADATA_EQUAL)
              .withLog(reading.logAccess());
    }
    RestoreReport report;
    try (StatusLine line = surroundings.statusLine()) {
      report = Restore.run(config.withProgress(progressOn(line)));
    }
    return report(report, instant, folder).number();
  }

  /** Several threads tell of progress; one of them at a time writes, and the others pass on. */
  private static ProgressListener progressOn(StatusLine line) {
    AtomicLong shownAt = new AtomicLong(System.nanoTime());
    return progress -> {
      long last = shownAt.get();
      long now = System.nanoTime();
      if (now - last > PROGRESS_NANOS && shownAt.compareAndSet(last, now)) {
        synchronized (line) {
          line.show(
              "%s of %s entries, %s of %s"
                  .formatted(
                      Amounts.count(progress.entries()),
                      Amounts.count(progress.totalEntries()),
                      Amounts.bytes(progress.bytes()),
                      Amounts.bytes(progress.totalBytes())));
        }
      }
    };
  }

  private ExitCode report(RestoreReport report, At wanted, Path folder) {
    for (SyncReport.Failure failure : report.result().failures()) {
      surroundings.err().printf("tidemark: %s: %s%n", failure.path(), failure.reason());
    }
    for (Loss loss : report.result().losses()) {
      surroundings
          .err()
          .printf(
              "tidemark: not kept: %s, %s times; the first: %s%n",
              loss.kind().text(), Amounts.count(loss.count()), loss.first());
    }
    boolean shortOfWanted =
        wanted instanceof At.Time(long millis) && report.completeToMillis() < millis;
    if (json) {
      surroundings.out().println(Json.write(summary(report)));
    } else {
      print(report, folder);
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

  private void print(RestoreReport report, Path folder) {
    SyncReport result = report.result();
    surroundings
        .out()
        .printf(
            "restored tree %s at sequence %d of %s to %s%n",
            report.tree(), report.sequence(), Instant.ofEpochMilli(report.logTimeMillis()), folder);
    surroundings
        .out()
        .printf(
            "%s files written, %s; %s directories, %s others; %s were right before%s%n",
            Amounts.count(result.filesWritten()),
            Amounts.bytes(result.bytesWritten()),
            Amounts.count(result.directories()),
            Amounts.count(result.othersWritten()),
            Amounts.count(result.kept()),
            result.removed() > 0 ? "; " + Amounts.count(result.removed()) + " removed" : "");
    surroundings
        .out()
        .printf(
            "complete to %s, in %s%n",
            Instant.ofEpochMilli(report.completeToMillis()), Amounts.millis(report.millis()));
    if (result.failureCount() > 0) {
      surroundings
          .err()
          .printf("tidemark: %s entries could not be restored%n", result.failureCount());
    }
  }

  private static ObjectNode summary(RestoreReport report) {
    SyncReport result = report.result();
    ObjectNode json =
        Json.object()
            .put("tree", report.tree().value())
            .put("sequence", report.sequence())
            .put("logTime", Instant.ofEpochMilli(report.logTimeMillis()).toString())
            .put("completeTo", Instant.ofEpochMilli(report.completeToMillis()).toString())
            .put("unsealedChanges", report.unsealedChanges())
            .put("directories", result.directories())
            .put("filesWritten", result.filesWritten())
            .put("othersWritten", result.othersWritten())
            .put("linked", result.linked())
            .put("kept", result.kept())
            .put("removed", result.removed())
            .put("bytesWritten", result.bytesWritten())
            .put("failureCount", result.failureCount())
            .put("millis", report.millis());
    ArrayNode losses = json.putArray("notKept");
    for (Loss loss : result.losses()) {
      losses
          .addObject()
          .put("what", loss.kind().text())
          .put("count", loss.count())
          .put("first", loss.first());
    }
    ArrayNode failures = json.putArray("failures");
    for (SyncReport.Failure failure : result.failures()) {
      failures.addObject().put("path", failure.path().toString()).put("reason", failure.reason());
    }
    return json;
  }
}
