package dev.tidemark.cli;

import dev.tidemark.browse.DiffSummary;
import dev.tidemark.browse.Difference;
import dev.tidemark.browse.MovedPaths;
import dev.tidemark.browse.OpenTree;
import dev.tidemark.browse.TreeDiff;
import dev.tidemark.browse.TreeReader;
import dev.tidemark.cli.argument.InstantArgument;
import dev.tidemark.cli.argument.TreeFolder;
import dev.tidemark.cli.reading.DiffText;
import dev.tidemark.cli.reading.PathArgument;
import dev.tidemark.cli.reading.Reading;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodeAspect;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemark diff}. An age as an instant looks like an option, and is none. */
@Command(
    name = "diff",
    sortOptions = false,
    description = {
      "Show in what a tree differs between two instants, in the order of its paths: + added, -"
          + " removed, M other content, U other metadata, T another type, > moved; and count it."
          + " Moved is what the log tells to have been renamed, and of what is below it only what"
          + " differs is shown; with FROM after TO it is removed at the one path and added at the"
          + " other.",
      "",
      "  tidemark diff web -1h now",
      "  tidemark diff web tag:before-upgrade tag:after-upgrade etc"
    })
final class DiffCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Parameters(index = "0", paramLabel = "TREE", description = "The tree's name.")
  private String tree = "";

  @Parameters(
      index = "1",
      paramLabel = "FROM",
      description = "The one instant: " + InstantArgument.FORMS + ".")
  private String from = "";

  @Parameters(index = "2", paramLabel = "TO", description = "The other one.")
  private String to = "";

  @Parameters(
      index = "3",
      arity = "0..1",
      paramLabel = "PATH",
      description = "Only what stands there and below. Default: all.")
  private String path = "";

  @Option(
      names = "--directory-times",
      description =
          "Show directories of which nothing but the time differs, too: it changes with each name"
              + " that comes or goes.")
  private boolean directoryTimes;

  @Option(
      names = "--no-moves",
      description =
          "Do not read the log between the instants for what was renamed: sooner where much lies"
              + " between them.")
  private boolean noMoves;

  @Option(
      names = "--json",
      description = "Print one JSON object a line, the last of them the summary.")
  private boolean json;

  @Mixin private ReadOptions options = new ReadOptions();

  DiffCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException, CommandException {
    TreeName name = TreeFolder.tree(tree);
    AtOption.check(from, surroundings);
    AtOption.check(to, surroundings);
    NodePath part = PathArgument.parse(path);
    ReadOptions.Place place = options.find(surroundings);
    DiffSummary summary = new DiffSummary();
    try (Reading reading = Reading.open(place.repositoryUrl(), place.log());
        TreeReader trees = reading.openTrees(surroundings.clock())) {
      OpenTree before = AtOption.open(from, name, reading, trees, surroundings);
      OpenTree after = AtOption.open(to, name, reading, trees, surroundings);
      TreeDiff.Listener listener = difference -> show(difference, summary);
      Optional<MovedPaths> moves = noMoves ? Optional.empty() : trees.findMoves(before, after);
      if (moves.isPresent()) {
        TreeDiff.run(before, after, part, moves.get(), listener);
      } else {
        TreeDiff.run(before, after, part, listener);
      }
      surroundings.print(
          json ? DiffText.json(before, after, summary) : DiffText.line(before, after, summary));
    }
    return ExitCode.OK.number();
  }

  private void show(Difference difference, DiffSummary summary) throws IOException {
    if (!directoryTimes && isTimeOfDirectory(difference)) {
      return;
    }
    summary.add(difference);
    surroundings.print(json ? DiffText.json(difference) : DiffText.line(difference));
  }

  private static boolean isTimeOfDirectory(Difference difference) {
    return difference instanceof Difference.Modified(_, _, Node.Directory _, var aspects)
        && aspects.equals(Set.of(NodeAspect.TIME));
  }
}
