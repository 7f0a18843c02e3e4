package dev.tidemark.cli;

import dev.tidemark.cli.argument.TreeFolder;
import dev.tidemark.cli.fleet.Fleet;
import dev.tidemark.log.LogConnection;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.StandbyCommand.Kind;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemark resume}. */
@Command(
    name = "resume",
    sortOptions = false,
    description =
        "Let standbys follow their tree again that `tidemark restore --on` has put at an instant,"
            + " or that have come to the end of --to-sequence or --to-tag.")
final class ResumeCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Parameters(paramLabel = "TREE", description = "The tree's name.")
  private String tree = "";

  @Option(names = "--json", description = "Print a JSON object a line.")
  private boolean json;

  @Mixin private FleetOptions fleet = new FleetOptions();
  @Mixin private DataOption data = new DataOption();
  @Mixin private BrokerOptions broker = new BrokerOptions();

  ResumeCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException, CommandException, InterruptedException {
    TreeName of = TreeFolder.tree(tree);
    LogConnection log = broker.requireOrRunning(data, surroundings);
    return fleet.ask(surroundings, json, Fleet.of(of, log), of, Kind.FOLLOW, 0).number();
  }
}
