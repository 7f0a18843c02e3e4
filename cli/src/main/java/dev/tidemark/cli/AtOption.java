package dev.tidemark.cli;

import dev.tidemark.browse.OpenTree;
import dev.tidemark.browse.TreeReader;
import dev.tidemark.cli.argument.InstantArgument;
import dev.tidemark.cli.reading.Reading;
import dev.tidemark.cli.reading.TimeText;
import dev.tidemark.repository.history.At;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import picocli.CommandLine.Option;

/** The instant at which a tree is looked at. */
final class AtOption {
  @Option(
      names = "--at",
      paramLabel = "INSTANT",
      defaultValue = "now",
      description = "Which instant: " + InstantArgument.FORMS + ". Default: the newest.")
  private String at = "now";

  /** Whether another instant than the newest is asked for. */
  boolean isGiven() {
    return !at.equals("now");
  }

  /**
   * Checks the form, before anything is opened.
   *
   * @throws dev.tidemark.cli.argument.ArgumentException if it is none
   */
  void check(Surroundings surroundings) {
    check(at, surroundings);
  }

  /** The same of an instant that is given in another way. */
  static void check(String instant, Surroundings surroundings) {
    if (InstantArgument.findTag(instant).isEmpty()) {
      InstantArgument.parse(instant, surroundings.clock(), surroundings.zone());
    }
  }

  /** The tree at this instant. Says so where what is recorded does not reach to it. */
  OpenTree open(TreeName tree, Reading reading, TreeReader trees, Surroundings surroundings)
      throws IOException {
    return open(at, tree, reading, trees, surroundings);
  }

  /** The same of an instant that is given in another way. */
  static OpenTree open(
      String instant, TreeName tree, Reading reading, TreeReader trees, Surroundings surroundings)
      throws IOException {
    reading.requireKnown(tree);
    At at = reading.instant(tree, instant, surroundings.clock(), surroundings.zone());
    OpenTree open = trees.treeAt(tree, at);
    if (at instanceof At.Time(long millis)
        && open.completeToMillis() < Math.min(millis, surroundings.clock().millis())) {
      surroundings
          .err()
          .printf(
              "tidemark: what is recorded reaches to %s, which is before %s; this is the tree as of"
                  + " then%n",
              TimeText.millis(open.completeToMillis(), surroundings.zone()), instant);
    }
    return open;
  }
}
