package dev.tidemark.cli;

import dev.tidemark.cli.argument.DurationArgument;
import dev.tidemark.cli.argument.TreeFolder;
import dev.tidemark.cli.reading.Json;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemark rejoin}. */
@Command(
    name = "rejoin",
    sortOptions = false,
    description = {
      "Make this host a standby of a tree: ask the `tidemark member` that runs here. A writer first"
          + " publishes what was written up to now, and ends its term. What stands in the directory"
          + " and was not accepted is kept aside in standby/TREE/kept-aside of the data folder, and"
          + " listed; then the directory follows the tree. Returns when it does.",
      "A host whose writer ran as `tidemark watch` rejoins by `tidemark member TREE=DIR --as"
          + " standby` on the same data folder."
    })
final class RejoinCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Parameters(index = "0", paramLabel = "TREE", description = "The tree's name.")
  private String tree = "";

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "10m",
      description = "How long to wait for the end of it. Default: ${DEFAULT-VALUE}")
  private String timeout = "10m";

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Mixin private DataOption data = new DataOption();

  RejoinCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException, CommandException, InterruptedException {
    TreeName of = TreeFolder.tree(tree);
    Duration limit = DurationArgument.parse("--timeout", timeout);
    String told = MemberRequest.ask(surroundings, data.folder(surroundings), of, "rejoin", limit);
    String[] words = told.split(" ", 3);
    long sequence = Long.parseLong(words[0]);
    long kept = Long.parseLong(words[1]);
    String folder = kept == 0 ? "" : words[2];
    if (json) {
      surroundings
          .out()
          .println(
              Json.write(
                  Json.object()
                      .put("tree", of.value())
                      .put("sequence", sequence)
                      .put("keptAside", kept)
                      .put("folder", folder)));
      return ExitCode.OK.number();
    }
    surroundings.out().printf("this host stands by for tree %s%n", of);
    if (kept > 0) {
      surroundings
          .out()
          .printf(
              "kept aside: %d entries that were not accepted up to change %d, in %s; they are"
                  + " listed in %s.list%n",
              kept, sequence, folder, folder);
    }
    return ExitCode.OK.number();
  }
}
