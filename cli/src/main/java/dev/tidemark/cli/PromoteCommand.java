package dev.tidemark.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemark.cli.argument.ArgumentException;
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

/** {@code tidemark promote}. */
@Command(
    name = "promote",
    sortOptions = false,
    description = {
      "Make this host the writer of a tree: ask the `tidemark member` that runs here and stands by."
          + " Its term begins at once, so that nothing of the old writer is accepted any more; it"
          + " then applies all that was accepted before, and watches the directory. Returns when it"
          + " does. On a host that writes already, nothing is done.",
      "For a planned switch-over, first run `tidemark rejoin` on the writer: then nothing that was"
          + " written there is left over."
    })
final class PromoteCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Parameters(index = "0", paramLabel = "TREE", description = "The tree's name.")
  private String tree = "";

  @Option(
      names = "--max-behind",
      paramLabel = "N",
      defaultValue = "1000000",
      description =
          "Refuse if more records of the log than that are still to be applied here. Default:"
              + " ${DEFAULT-VALUE}")
  private long mostBehind = 1_000_000;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "5m",
      description = "How long to wait for the end of it. Default: ${DEFAULT-VALUE}")
  private String timeout = "5m";

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Mixin private DataOption data = new DataOption();

  PromoteCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException, CommandException, InterruptedException {
    TreeName of = TreeFolder.tree(tree);
    Duration limit = DurationArgument.parse("--timeout", timeout);
    if (mostBehind < 0) {
      throw new ArgumentException("--max-behind %d: expected 0 or more".formatted(mostBehind));
    }
    String told =
        MemberRequest.ask(
            surroundings, data.folder(surroundings), of, "promote " + mostBehind, limit);
    String[] words = told.split(" ", 3);
    long epoch = Long.parseLong(words[0]);
    long sequence = Long.parseLong(words[1]);
    String lost = words.length == 3 ? words[2] : "";
    show(of, epoch, sequence, lost);
    return lost.isEmpty() ? ExitCode.OK.number() : ExitCode.PARTIAL.number();
  }

  private void show(TreeName of, long epoch, long sequence, String lost) {
    if (json) {
      ObjectNode object =
          Json.object().put("tree", of.value()).put("epoch", epoch).put("lost", lost);
      if (sequence > 0) {
        object.put("sequence", sequence);
      }
      surroundings.out().println(Json.write(object));
      return;
    }
    if (sequence == 0) {
      surroundings
          .out()
          .printf("this host writes tree %s already, in the term of offset %d%n", of, epoch);
      return;
    }
    surroundings
        .out()
        .printf(
            "this host writes tree %s now, in the term of offset %d; the old one ended with change"
                + " %d, and all of it stands here%n",
            of, epoch, sequence);
    if (!lost.isEmpty()) {
      surroundings
          .out()
          .printf(
              "lost: %s. What the old writer sent behind it was never accepted; `tidemark rejoin`"
                  + " there keeps it aside.%n",
              lost);
    }
  }
}
