package dev.tidemark.cli;

import dev.tidemark.cli.reading.Json;
import dev.tidemark.cli.reading.Reading;
import dev.tidemark.cli.reading.StatusText;
import dev.tidemark.cli.reading.TreeState;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.util.List;
import java.util.Map;
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
      "  tidemark status --data /backup/tidemark",
      "  tidemark status --json | jq '.trees[] | {tree, watcherAlive, sealedLagMillis}'"
    })
final class StatusCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Mixin private ReadOptions options = new ReadOptions();

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  StatusCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException, CommandException {
    ReadOptions.Place place = options.find(surroundings);
    List<TreeState> states;
    Map<TreeName, Long> unsealedSince;
    try (Reading reading = Reading.open(place.repositoryUrl(), place.log())) {
      states = reading.states();
      unsealedSince = reading.unsealedSince(states);
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
      surroundings.out().println(Json.trees(states, unsealedSince, now));
      return ExitCode.OK.number();
    }
    StatusText text = new StatusText(surroundings.zone(), now);
    for (TreeState state : states) {
      surroundings.out().println();
      text.lines(state, unsealedSince.getOrDefault(state.tree(), 0L))
          .forEach(surroundings.out()::println);
    }
    return ExitCode.OK.number();
  }
}
