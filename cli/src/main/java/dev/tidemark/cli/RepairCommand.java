package dev.tidemark.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemark.cli.argument.ArgumentException;
import dev.tidemark.cli.argument.TreeFolder;
import dev.tidemark.cli.process.Amounts;
import dev.tidemark.cli.process.DataFolder;
import dev.tidemark.cli.process.FileFailures;
import dev.tidemark.cli.process.StatusLine;
import dev.tidemark.cli.process.StoppedUp;
import dev.tidemark.cli.reading.Json;
import dev.tidemark.cli.reading.Reading;
import dev.tidemark.cli.repair.FolderChunks;
import dev.tidemark.cli.repair.LogOfChanges;
import dev.tidemark.cli.repair.LoggedChunks;
import dev.tidemark.log.Descriptors;
import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogTopics;
import dev.tidemark.repository.CorruptRepositoryException;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.RepositoryMissingException;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.cleanup.ChunkOwners;
import dev.tidemark.repository.verify.ChunkSource;
import dev.tidemark.repository.verify.LoggedChanges;
import dev.tidemark.repository.verify.RepairReport;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.topic.RepositoryDescriptor;
import dev.tidemark.store.cleanup.LoggedOwners;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tidemark repair}. */
@Command(
    name = "repair",
    sortOptions = false,
    description = {
      "Get back what a damaged repository has lost: what is whole in damaged packs, what the log"
          + " still has of chunks and of changes (while `tidemark up` runs, or with"
          + " --bootstrap-server), and what stands in a directory that holds the tree (--from)."
          + " Then takes out what is damaged, and tells what stays lost. May be interrupted and run"
          + " again; no `tidemark retain` may run meanwhile. Exits with 3 if something stays lost."
    })
final class RepairCommand implements Callable<Integer> {
  private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(20);

  private final Surroundings surroundings;

  @Option(
      names = "--from",
      paramLabel = "TREE=DIR",
      description = "Look for lost chunks in this directory, a source or a standby of the tree.")
  private List<String> from = new ArrayList<>();

  @Option(names = "--json", description = "Print the report as one JSON object.")
  private boolean json;

  @Mixin private ReadOptions options = new ReadOptions();

  RepairCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException, CommandException {
    List<TreeFolder> folders = TreeFolder.parseAll(from);
    for (TreeFolder folder : folders) {
      if (!Files.isDirectory(folder.folder())) {
        throw new ArgumentException(
            "--from %s=%s: there is no such directory".formatted(folder.tree(), folder.folder()));
      }
    }
    ReadOptions.Place place = options.find(surroundings);
    mendDescriptor(place);
    RepairReport report;
    int partitions;
    try (Reading reading = Reading.open(place.repositoryUrl(), place.log());
        StatusLine line = surroundings.statusLine()) {
      Repository repository = reading.repository();
      partitions = repository.descriptor().chunksPartitions();
      List<ChunkSource> sources = new ArrayList<>();
      place
          .log()
          .ifPresent(
              log ->
                  sources.add(new LoggedChunks(log, repository.descriptor().chunksPartitions())));
      for (TreeFolder folder : folders) {
        reading.requireKnown(folder.tree());
        sources.add(new FolderChunks(repository, folder.tree(), folder.folder()));
      }
      report =
          repository.repair(sources, changesOf(place, repository), VerifyText.progressOn(line));
    }
    if (json) {
      surroundings.out().println(Json.write(toJson(report)));
    } else {
      print(report);
    }
    if (!report.lost().isEmpty() && !isForgotten(place, partitions, report)) {
      surroundings
          .err()
          .println(
              "tidemark: the chunk-store takes lost chunks for stored until it is asked about them:"
                  + " run this again while `tidemark up` runs, or with --bootstrap-server.");
    }
    return (report.after().isSound() && report.notLogged().isEmpty()
            ? ExitCode.OK
            : ExitCode.PARTIAL)
        .number();
  }

  /** A log that does not answer gives nothing back, and what is lost is named all the same. */
  private Optional<LoggedChanges> changesOf(ReadOptions.Place place, Repository repository) {
    try {
      return place.log().isEmpty()
          ? Optional.empty()
          : Optional.of(
              LogOfChanges.open(place.log().get(), repository.descriptor().changesPartitions()));
    } catch (IOException e) {
      surroundings.err().println("tidemark: " + FileFailures.describe(e));
      return Optional.empty();
    }
  }

  /** Without its descriptor nothing of the repository can be looked at. The log has it, too. */
  private void mendDescriptor(ReadOptions.Place place) throws IOException {
    try (BlobStore store = Repository.openStore(place.repositoryUrl())) {
      try {
        Repository.open(store);
      } catch (CorruptRepositoryException damaged) {
        putBack(store, place, damaged);
      } catch (RepositoryMissingException missing) {
        putBack(store, place, missing);
      }
    }
  }

  private <E extends IOException> void putBack(BlobStore store, ReadOptions.Place place, E why)
      throws IOException {
    RepositoryDescriptor published = published(place).orElseThrow(() -> why);
    Repository.putBack(store, published);
    surroundings.err().println("tidemark.json is put back as the log has it");
  }

  private Optional<RepositoryDescriptor> published(ReadOptions.Place place) throws IOException {
    if (place.log().isPresent()) {
      return published(place.log().get());
    }
    Optional<DataFolder> folder = options.dataFolder(surroundings).filter(StoppedUp::hasLog);
    if (folder.isEmpty()) {
      return Optional.empty();
    }
    try (StoppedUp stopped = StoppedUp.openLog(folder.get())) {
      return published(stopped.log());
    }
  }

  private static Optional<RepositoryDescriptor> published(LogConnection log) throws IOException {
    return Descriptors.find(log, topics(log));
  }

  private static LogTopics topics(LogConnection log) throws IOException {
    try (LogAdmin admin = LogAdmin.connect(log)) {
      return admin.requireTopics();
    }
  }

  /**
   * Their owners drop the bodies of chunks that they know as stored: the next body of one that is
   * lost has to be kept.
   *
   * @return whether no owner takes any of the lost chunks for stored now
   */
  private boolean isForgotten(ReadOptions.Place place, int partitions, RepairReport report) {
    try {
      return place.log().isPresent() && forget(place.log().get(), partitions, report.lost());
    } catch (IOException e) {
      surroundings.err().println("tidemark: " + FileFailures.describe(e));
      return false;
    }
  }

  private static boolean forget(LogConnection log, int partitions, Set<ChunkId> lost)
      throws IOException {
    ChunkOwners owners = new LoggedOwners(log, topics(log), partitions, ANSWER_PATIENCE);
    return owners.cut(Duration.ZERO).condemn(List.copyOf(lost)).released().containsAll(lost);
  }

  private void print(RepairReport report) {
    var out = surroundings.out();
    if (report.before().isSound() && report.segments() == 0 && report.notLogged().isEmpty()) {
      out.println("no damage found; nothing was changed");
      return;
    }
    out.printf("%s damaged%n", Amounts.count(report.before().damageCount()));
    out.printf(
        "%s damaged packs taken out, %s chunks of them were whole and are stored again%n",
        Amounts.count(report.packs()), Amounts.count(report.salvaged()));
    for (RepairReport.Found found : report.found()) {
      out.printf(
          "%s chunks got back from %s%s%n",
          Amounts.count(found.chunks()),
          found.source(),
          found.trouble().isEmpty()
              ? ""
              : ", which could not be read to its end: " + found.trouble());
    }
    if (report.segments() > 0 || report.takenOut() > 0) {
      out.printf(
          "%s log segments made again from the log, %s damaged ones taken out that others make up"
              + " for%n",
          Amounts.count(report.segments()), Amounts.count(report.takenOut()));
    }
    report.notLogged().forEach(out::println);
    out.printf(
        "%s index blobs made, %s damaged snapshots taken out%n",
        Amounts.count(report.indexBlobs()), Amounts.count(report.snapshots()));
    if (report.schemas() > 0 || report.worthless() > 0) {
      out.printf(
          "%s schemas put again, %s damaged lists of clean-up and of merged segments taken out%n",
          Amounts.count(report.schemas()), Amounts.count(report.worthless()));
    }
    if (report.after().isSound()) {
      out.println("all is repaired");
    } else {
      out.println("stays lost:");
      VerifyText.printDamages(out, report.after());
    }
  }

  private static ObjectNode toJson(RepairReport report) {
    ObjectNode json =
        Json.object()
            .put("damageCount", report.before().damageCount())
            .put("packsTakenOut", report.packs())
            .put("chunksSalvaged", report.salvaged())
            .put("indexBlobsMade", report.indexBlobs())
            .put("snapshotsTakenOut", report.snapshots())
            .put("segmentsMade", report.segments())
            .put("segmentsTakenOut", report.takenOut())
            .put("schemasMade", report.schemas())
            .put("listsTakenOut", report.worthless());
    ArrayNode notLogged = json.putArray("notInLog");
    report.notLogged().forEach(notLogged::add);
    ArrayNode sources = json.putArray("sources");
    for (RepairReport.Found found : report.found()) {
      sources
          .addObject()
          .put("source", found.source())
          .put("chunks", found.chunks())
          .put("trouble", found.trouble());
    }
    json.set("after", VerifyText.toJson(report.after()));
    return json;
  }
}
