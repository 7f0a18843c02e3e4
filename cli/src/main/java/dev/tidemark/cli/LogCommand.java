package dev.tidemark.cli;

import dev.tidemark.browse.TreeReader;
import dev.tidemark.cli.argument.ArgumentException;
import dev.tidemark.cli.argument.TreeFolder;
import dev.tidemark.cli.process.Amounts;
import dev.tidemark.cli.reading.EventText;
import dev.tidemark.cli.reading.Json;
import dev.tidemark.cli.reading.PathArgument;
import dev.tidemark.cli.reading.Reading;
import dev.tidemark.repository.history.PathEvent;
import dev.tidemark.repository.history.PathFollower;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemark log}. */
@Command(
    name = "log",
    sortOptions = false,
    description = {
      "Show what happened to one path, newest first: when, by which change, why its writer looked"
          + " (live, scan, reconcile), on which host, and what: created, in what it differs,"
          + " moved, removed. Where `tidemark retain` has taken changes out, the state that was"
          + " kept is shown as \"kept\".",
      "",
      "  tidemark log web index.html",
      "  tidemark cat web index.html --at 4711      # the sequence number of one of its lines"
    })
final class LogCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Parameters(index = "0", paramLabel = "TREE", description = "The tree's name.")
  private String tree = "";

  @Parameters(
      index = "1",
      paramLabel = "PATH",
      description = "The file, directory or other entry, relative to the tree's root.")
  private String path = "";

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "100",
      description = "Show at most the last N. Default: ${DEFAULT-VALUE}.")
  private int limit = 100;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Mixin private ReadOptions options = new ReadOptions();

  LogCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException, CommandException {
    TreeName name = TreeFolder.tree(tree);
    NodePath at = PathArgument.parse(path);
    if (limit < 1) {
      throw new ArgumentException("--limit %d: expected 1 or more".formatted(limit));
    }
    ReadOptions.Place place = options.find(surroundings);
    PathFollower follower;
    try (Reading reading = Reading.open(place.repositoryUrl(), place.log());
        TreeReader trees = reading.openTrees(surroundings.clock())) {
      reading.requireKnown(name);
      follower = trees.follow(name, at, limit);
    }
    List<PathEvent> newestFirst = follower.events().reversed();
    if (newestFirst.isEmpty()) {
      throw CommandException.failed(
          "there never was a %s in tree %s, as far as its history is kept".formatted(at, name));
    }
    if (json) {
      surroundings.out().println(Json.events(name.value(), at, newestFirst, follower.dropped()));
      return ExitCode.OK.number();
    }
    for (PathEvent event : newestFirst) {
      surroundings.print(EventText.line(event, surroundings.zone()));
    }
    if (follower.dropped() > 0) {
      surroundings
          .err()
          .printf(
              "tidemark: %s older ones are left out; --limit shows more%n",
              Amounts.count(follower.dropped()));
    }
    return ExitCode.OK.number();
  }
}
