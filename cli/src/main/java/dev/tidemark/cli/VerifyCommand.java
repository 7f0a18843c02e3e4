package dev.tidemark.cli;

import dev.tidemark.cli.argument.SliceArgument;
import dev.tidemark.cli.process.Amounts;
import dev.tidemark.cli.process.StatusLine;
import dev.tidemark.cli.reading.Json;
import dev.tidemark.cli.reading.Reading;
import dev.tidemark.log.Heads;
import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogConnection;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.verify.Damage;
import dev.tidemark.repository.verify.VerifyMode;
import dev.tidemark.repository.verify.VerifyOptions;
import dev.tidemark.repository.verify.VerifyReport;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Cursor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tidemark verify}. */
@Command(
    name = "verify",
    sortOptions = false,
    description = {
      "Check that everything that is recorded can be restored: index, packs, logs and snapshots,"
          + " and that each chunk they name is there. With --read-data every byte is read and"
          + " proved, too. What is damaged is named, with the paths and instants that cannot be"
          + " restored because of it. May run at any time, beside everything else. Exits with 1 if"
          + " there is damage."
    })
final class VerifyCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Option(
      names = "--read-data",
      paramLabel = "N/T",
      arity = "0..1",
      fallbackValue = "1/1",
      description =
          "Read the packs, too; of T equal parts only the N-th, so that T runs read everything"
              + " (--read-data=3/7: the third day's part of a week).")
  private @Nullable String readData;

  @Option(names = "--json", description = "Print the report as one JSON object.")
  private boolean json;

  @Mixin private ReadOptions options = new ReadOptions();

  VerifyCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException, CommandException {
    VerifyOptions wanted = VerifyOptions.of(VerifyMode.STRUCTURE);
    if (readData != null) {
      SliceArgument slice = SliceArgument.parse("--read-data", readData);
      wanted = VerifyOptions.of(VerifyMode.READ_DATA).withSlice(slice.part(), slice.parts());
    }
    ReadOptions.Place place = options.find(surroundings);
    VerifyReport report;
    try (Reading reading = Reading.open(place.repositoryUrl(), place.log());
        StatusLine line = surroundings.statusLine()) {
      Map<TreeName, Long> sealed = sealedAsTheLogHasIt(place);
      report = reading.repository().verify(wanted.withProgress(VerifyText.progressOn(line)));
      report = report.with(lostTails(reading.repository(), sealed));
    }
    if (json) {
      surroundings.out().println(Json.write(VerifyText.toJson(report)));
    } else {
      print(report, wanted);
    }
    return (report.isSound() ? ExitCode.OK : ExitCode.FAILURE).number();
  }

  /** Asked before the repository is looked at, which is only ever ahead of what the log says. */
  private static Map<TreeName, Long> sealedAsTheLogHasIt(ReadOptions.Place place)
      throws IOException {
    Map<TreeName, Long> sealed = new TreeMap<>();
    if (place.log().isPresent()) {
      LogConnection log = place.log().get();
      try (LogAdmin admin = LogAdmin.connect(log)) {
        Heads.readAll(log, admin.requireTopics())
            .forEach((tree, head) -> sealed.put(tree, head.sealed().sequence()));
      }
    }
    return sealed;
  }

  /** Nothing of a repository tells that its newest segments are missing. */
  private static List<Damage> lostTails(Repository repository, Map<TreeName, Long> sealed)
      throws IOException {
    List<Damage> lost = new ArrayList<>();
    for (Map.Entry<TreeName, Long> tree : sealed.entrySet()) {
      long reached = repository.log(tree.getKey()).list().lastSequence();
      boolean counts = tree.getValue() % Cursor.INCARNATION != 0;
      if (counts && reached < tree.getValue()) {
        lost.add(
            new Damage(
                "trees/" + tree.getKey() + "/log",
                ("Tree %s was sealed up to change %d, and what is here ends with %d. `tidemark"
                        + " repair` makes the rest again while Kafka has it; else copy the missing"
                        + " files of its log back from another copy of the repository.")
                    .formatted(tree.getKey(), tree.getValue(), reached),
                List.of(),
                0));
      }
    }
    return lost;
  }

  private void print(VerifyReport report, VerifyOptions wanted) {
    var out = surroundings.out();
    out.printf(
        "%s packs, %s; %s chunks; %s index blobs%n",
        Amounts.count(report.packs()),
        Amounts.bytes(report.packBytes()),
        Amounts.count(report.packedChunks()),
        Amounts.count(report.indexBlobs()));
    out.printf(
        "%s trees; %s changes in %s segments; %s snapshots of %s manifests%n",
        Amounts.count(report.trees()),
        Amounts.count(report.changes()),
        Amounts.count(report.segments()),
        Amounts.count(report.snapshots()),
        Amounts.count(report.manifests()));
    switch (wanted.mode()) {
      case STRUCTURE -> out.println("data not read; --read-data does that");
      case READ_DATA ->
          out.printf(
              "data read of %s packs, part %d of %d%n",
              Amounts.count(report.readPacks()), wanted.part(), wanted.parts());
    }
    if (report.unindexedPacks() > 0) {
      out.printf(
          "%s packs are in no index: waste of a crash, or being written now%n",
          Amounts.count(report.unindexedPacks()));
    }
    VerifyText.printDamages(out, report);
    out.println(
        report.isSound()
            ? "no damage found"
            : "%s damaged; `tidemark repair` gets back what can be had"
                .formatted(Amounts.count(report.damageCount())));
  }
}
