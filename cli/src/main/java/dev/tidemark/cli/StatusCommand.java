package dev.tidemark.cli;

import dev.tidemark.browse.TreeReader;
import dev.tidemark.cli.reading.DigestCheck;
import dev.tidemark.cli.reading.DigestCheck.Verdict;
import dev.tidemark.cli.reading.Json;
import dev.tidemark.cli.reading.Reading;
import dev.tidemark.cli.reading.StatusText;
import dev.tidemark.cli.reading.TreeState;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tidemark status}. */
@Command(
    name = "status",
    sortOptions = false,
    description = {
      "Show how the trees and their standbys stand: the last change, whether the watcher is alive,"
          + " how many changes wait to be sealed and since when, and how far each standby is"
          + " behind. While no broker can be reached, only what is sealed is known. What is wrong,"
          + " and what to do, `tidemark doctor` tells.",
      "",
      "With --digest, each standby's digest of what it has applied is compared with that of the"
          + " tree which the log makes at the same sequence; exit code 0 says that all are equal.",
      "",
      "  tidemark status --data /backup/tidemark",
      "  tidemark status --json | jq '.trees[] | {tree, watcherAlive, sealedLagMillis}'"
    })
final class StatusCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Mixin private ReadOptions options = new ReadOptions();

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Option(
      names = "--digest",
      description =
          "Compare what the standbys hold with what the log says, without reading a file: one walk"
              + " through the tree's names. Needs a broker, which has the standbys' reports.")
  private boolean digest;

  StatusCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException, CommandException {
    ReadOptions.Place place = options.find(surroundings);
    List<TreeState> states;
    Map<TreeName, Long> unsealedSince;
    Map<TreeName, List<DigestCheck.Result>> digests = new TreeMap<>();
    if (digest && place.log().isEmpty()) {
      throw CommandException.failed(
          "Without a broker nothing is known of standbys, whose digests --digest compares. Start"
              + " `tidemark up`, or name a broker with --bootstrap-server.");
    }
    try (Reading reading = Reading.open(place.repositoryUrl(), place.log())) {
      states = reading.states();
      unsealedSince = reading.unsealedSince(states);
      if (digest) {
        digests.putAll(compare(reading, states));
      }
      if (!json) {
        surroundings
            .out()
            .printf(
                "repository %s at %s%n%s%n",
                reading.repositoryId(),
                place.repositoryUrl(),
                place
                    .log()
                    .map(log -> "broker " + log.bootstrapServers())
                    .orElse("no broker: only what is sealed is shown"));
      }
    }
    long now = surroundings.clock().millis();
    if (json) {
      surroundings.out().println(Json.trees(states, unsealedSince, digests, now));
      return exitCode(digests).number();
    }
    StatusText text = new StatusText(surroundings.zone(), now);
    for (TreeState state : states) {
      surroundings.out().println();
      text.lines(state, unsealedSince.getOrDefault(state.tree(), 0L))
          .forEach(surroundings.out()::println);
      digests.getOrDefault(state.tree(), List.of()).stream()
          .map(text::line)
          .forEach(surroundings.out()::println);
    }
    return exitCode(digests).number();
  }

  private Map<TreeName, List<DigestCheck.Result>> compare(Reading reading, List<TreeState> states)
      throws IOException {
    Map<TreeName, List<DigestCheck.Result>> results = new TreeMap<>();
    try (TreeReader trees = reading.openTrees(surroundings.clock())) {
      DigestCheck check = new DigestCheck(trees);
      for (TreeState state : states) {
        results.put(state.tree(), check.check(state));
      }
    }
    return results;
  }

  private static ExitCode exitCode(Map<TreeName, List<DigestCheck.Result>> digests) {
    boolean allEqual =
        digests.values().stream()
            .flatMap(List::stream)
            .allMatch(
                result -> result.verdict() == Verdict.EQUAL || result.verdict() == Verdict.SUBSET);
    return allEqual ? ExitCode.OK : ExitCode.FAILURE;
  }
}
