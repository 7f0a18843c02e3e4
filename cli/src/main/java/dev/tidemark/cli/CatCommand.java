package dev.tidemark.cli;

import dev.tidemark.browse.FileContent;
import dev.tidemark.browse.TreeReader;
import dev.tidemark.cli.argument.TreeFolder;
import dev.tidemark.cli.reading.PathArgument;
import dev.tidemark.cli.reading.Reading;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code tidemark cat}. */
@Command(
    name = "cat",
    sortOptions = false,
    description = {
      "Write the bytes of one file, as it was at an instant, to standard output. Every chunk is"
          + " checked before any byte of it is written; holes come as zeros.",
      "",
      "  tidemark cat web index.html --at -2h",
      "  tidemark cat db dump.sql.gz --at tag:nightly | zcat | head"
    })
final class CatCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Parameters(index = "0", paramLabel = "TREE", description = "The tree's name.")
  private String tree = "";

  @Parameters(
      index = "1",
      paramLabel = "PATH",
      description = "The file, relative to the tree's root.")
  private String path = "";

  @Mixin private AtOption at = new AtOption();

  @Mixin private ReadOptions options = new ReadOptions();

  CatCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException, CommandException {
    TreeName name = TreeFolder.tree(tree);
    at.check(surroundings);
    NodePath file = PathArgument.parse(path);
    ReadOptions.Place place = options.find(surroundings);
    try (Reading reading = Reading.open(place.repositoryUrl(), place.log());
        TreeReader trees = reading.openTrees(surroundings.clock())) {
      FileContent content =
          FileContent.open(at.open(name, reading, trees, surroundings), file, trees.frames());
      content.copyTo(new Checked());
      if (content.isTorn()) {
        surroundings
            .err()
            .println(
                "tidemark: the file was written to while it was read then; a later instant has it"
                    + " whole");
      }
    }
    return ExitCode.OK.number();
  }

  /** Standard output, which is asked after each piece whether anybody still reads. */
  private final class Checked extends FilterOutputStream {
    Checked() {
      super(surroundings.out());
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      surroundings.requireReader();
    }
  }
}
