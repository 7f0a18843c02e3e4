package dev.tidemark.cli;

import dev.tidemark.cli.process.Amounts;
import dev.tidemark.cli.reading.Json;
import dev.tidemark.cli.reading.Reading;
import dev.tidemark.cli.reading.TreeState;
import dev.tidemark.schemas.cursor.StandbyStatus;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tidemark status}. */
@Command(
    name = "status",
    sortOptions = false,
    description =
        "Show how the trees and their standbys stand. While no broker can be reached, only what is"
            + " sealed is known.")
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
    try (Reading reading = Reading.open(place.repositoryUrl(), place.log())) {
      states = reading.states();
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
    if (json) {
      surroundings.out().println(Json.trees(states));
    } else {
      states.forEach(state -> print(state, surroundings.out()));
    }
    return ExitCode.OK.number();
  }

  private static void print(TreeState state, PrintStream out) {
    out.printf(
        "%ntree %s%n  last change  sequence %d, %s, written by %s%n",
        state.tree(),
        state.accepted().sequence(),
        Instant.ofEpochMilli(state.accepted().logTimeMillis()),
        state.accepted().host());
    out.printf(
        "  sealed       %s%n",
        state.unsealed() == 0
            ? "all of it"
            : "up to sequence %d, %s changes to go"
                .formatted(state.sealed().sequence(), Amounts.count(state.unsealed())));
    out.printf("  first scan   %s%n", state.isScanCompleted() ? "complete" : "not complete yet");
    for (StandbyStatus standby : state.standbys()) {
      out.printf(
          "  standby      %s on %s at sequence %d, lag %s%s%n",
          standby.standby(),
          standby.host(),
          standby.appliedSequence(),
          Amounts.millis(standby.lagMillis()),
          standby.error().isEmpty() ? "" : ": " + standby.error());
    }
    if (!state.fault().isNone()) {
      out.printf("  fault        %s: %s%n", state.fault().kind(), state.fault().detail());
    }
  }
}
