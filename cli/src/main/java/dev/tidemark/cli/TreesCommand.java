package dev.tidemark.cli;

import dev.tidemark.cli.reading.Json;
import dev.tidemark.cli.reading.Reading;
import dev.tidemark.cli.reading.TimeText;
import dev.tidemark.cli.reading.TreeState;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tidemark trees}. */
@Command(
    name = "trees",
    sortOptions = false,
    description = "List the trees that are backed up, with their newest change.")
final class TreesCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Mixin private ReadOptions options = new ReadOptions();

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  TreesCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException, CommandException {
    ReadOptions.Place place = options.find(surroundings);
    List<TreeState> states;
    try (Reading reading = Reading.open(place.repositoryUrl(), place.log())) {
      states = reading.states();
    }
    if (json) {
      surroundings.out().println(Json.trees(states));
      return ExitCode.OK.number();
    }
    for (TreeState state : states) {
      surroundings
          .out()
          .printf(
              "%-24s sequence %d, last change %s%n",
              state.tree(),
              state.accepted().sequence(),
              TimeText.millis(state.accepted().logTimeMillis(), surroundings.zone()));
    }
    if (states.isEmpty()) {
      surroundings.err().println("no tree is recorded here yet");
    }
    return ExitCode.OK.number();
  }
}
