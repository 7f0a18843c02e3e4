package dev.tidemark.cli;

import dev.tidemark.browse.OpenTree;
import dev.tidemark.browse.TreeReader;
import dev.tidemark.cli.argument.TreeFolder;
import dev.tidemark.cli.reading.Json;
import dev.tidemark.cli.reading.NodeText;
import dev.tidemark.cli.reading.PathArgument;
import dev.tidemark.cli.reading.Reading;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemark ls}. */
@Command(
    name = "ls",
    sortOptions = false,
    description = {
      "List a directory of a tree as it was at an instant: mode, owner, group, size, time of the"
          + " last modification, name.",
      "",
      "  tidemark ls web images --at -2h",
      "  tidemark ls web --recursive --at tag:before-upgrade --json"
    })
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

  @Option(
      names = {"-R", "--recursive"},
      description = "All that is below, too, with whole paths.")
  private boolean recursive;

  @Option(
      names = {"-l", "--long"},
      description =
          "Times to the nanosecond, and behind the name the number that its hard links share and"
              + " the names of its extended attributes.")
  private boolean detailed;

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
    try (Reading reading = Reading.open(place.repositoryUrl(), place.log());
        TreeReader trees = reading.openTrees(surroundings.clock())) {
      OpenTree open = at.open(name, reading, trees, surroundings);
      try (EntryStream entries = recursive ? open.walk(directory) : open.list(directory)) {
        if (json) {
          printJson(open, entries);
        } else {
          print(entries);
        }
      }
    }
    return ExitCode.OK.number();
  }

  private void print(EntryStream entries) throws IOException {
    for (Optional<TreeEntry> next = entries.next(); next.isPresent(); next = entries.next()) {
      TreeEntry entry = next.get();
      if (detailed) {
        surroundings.print(
            recursive
                ? NodeText.detailsWithPath(entry, surroundings.zone())
                : NodeText.details(entry, surroundings.zone()));
      } else {
        surroundings.print(
            recursive
                ? NodeText.lineWithPath(entry, surroundings.zone())
                : NodeText.line(entry, surroundings.zone()));
      }
    }
  }

  /** One line all the same, of any length, so that a large tree is not held. */
  private void printJson(OpenTree open, EntryStream entries) throws IOException {
    surroundings.out().print(Json.beginEntries(open.name().value()));
    String before = "";
    for (Optional<TreeEntry> next = entries.next(); next.isPresent(); next = entries.next()) {
      surroundings.out().print(before + Json.entry(next.get()));
      surroundings.requireReader();
      before = ",";
    }
    surroundings.print(Json.END_ENTRIES);
  }
}
