package dev.tidemark.cli;

import dev.tidemark.browse.TreeReader;
import dev.tidemark.cli.argument.TreeFolder;
import dev.tidemark.cli.reading.Json;
import dev.tidemark.cli.reading.NodeText;
import dev.tidemark.cli.reading.PathArgument;
import dev.tidemark.cli.reading.Reading;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemark ls}. */
@Command(
    name = "ls",
    sortOptions = false,
    description = "List a directory of a tree as it was at an instant.")
final class LsCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Parameters(index = "0", paramLabel = "TREE", description = "The tree's name.")
  private String tree = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "PATH",
      description = "The directory, relative to the tree's root. Default: the root.")
  private String path = "";

  @Mixin private AtOption at = new AtOption();

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Mixin private ReadOptions options = new ReadOptions();

  LsCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException, CommandException {
    TreeName name = TreeFolder.tree(tree);
    at.check(surroundings);
    NodePath directory = PathArgument.parse(path);
    ReadOptions.Place place = options.find(surroundings);
    List<TreeEntry> entries;
    try (Reading reading = Reading.open(place.repositoryUrl(), place.log());
        TreeReader trees = reading.openTrees(surroundings.clock())) {
      entries = trees.list(at.open(name, reading, trees, surroundings), directory);
    }
    if (json) {
      surroundings.out().println(Json.entries(name.value(), entries));
    } else {
      entries.forEach(
          entry -> surroundings.out().println(NodeText.line(entry, surroundings.zone())));
    }
    return ExitCode.OK.number();
  }
}
