package dev.tidemark.cli;

import dev.tidemark.browse.OpenTree;
import dev.tidemark.browse.TreeReader;
import dev.tidemark.browse.TreeUse;
import dev.tidemark.cli.argument.TreeFolder;
import dev.tidemark.cli.reading.Reading;
import dev.tidemark.cli.reading.StatsText;
import dev.tidemark.cli.reading.TreeState;
import dev.tidemark.repository.stats.ChunkUse;
import dev.tidemark.repository.stats.StoreUse;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemark stats}. */
@Command(
    name = "stats",
    sortOptions = false,
    description = {
      "Count what trees hold at an instant, what is left of it without holes and without what is"
          + " there twice, and what that takes compressed; and what the repository consists of. All"
          + " instants together take more than one: the packs tell how much.",
      "",
      "  tidemark stats",
      "  tidemark stats web home --at -30d --json"
    })
final class StatsCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Parameters(
      arity = "0..*",
      paramLabel = "TREE",
      description = "The trees' names. Default: all trees.")
  private List<String> trees = List.of();

  @Mixin private AtOption at = new AtOption();

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Mixin private ReadOptions options = new ReadOptions();

  StatsCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException, CommandException {
    List<TreeName> names = trees.stream().map(TreeFolder::tree).distinct().toList();
    at.check(surroundings);
    ReadOptions.Place place = options.find(surroundings);
    StatsText text = new StatsText(surroundings.zone());
    try (Reading reading = Reading.open(place.repositoryUrl(), place.log());
        TreeReader reader = reading.openTrees(surroundings.clock())) {
      if (names.isEmpty()) {
        names = reading.states().stream().map(TreeState::tree).toList();
      }
      List<TreeUse> total = names.size() > 1 ? List.of(begin(reading, reader)) : List.of();
      for (TreeName name : names) {
        OpenTree tree = at.open(name, reading, reader, surroundings);
        TreeUse one = begin(reading, reader);
        one.add(tree);
        one.lookUp();
        text.add(tree, one);
        for (TreeUse all : total) {
          all.add(tree);
        }
      }
      for (TreeUse all : total) {
        all.lookUp();
        text.addTotal(names.size(), all);
      }
      text.add(StoreUse.of(reading.repository().store()));
    }
    if (json) {
      surroundings.out().println(text.json());
    } else {
      text.lines().forEach(surroundings.out()::println);
    }
    return ExitCode.OK.number();
  }

  private static TreeUse begin(Reading reading, TreeReader reader) throws IOException {
    return new TreeUse(reader.frames(), ChunkUse.begin(reading.repository().index()));
  }
}
