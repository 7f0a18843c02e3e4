package dev.tidemark.cli;

import dev.tidemark.browse.EntryFilter;
import dev.tidemark.browse.EntryFilter.Type;
import dev.tidemark.browse.Glob;
import dev.tidemark.browse.PathsEver.PathStay;
import dev.tidemark.browse.TreeReader;
import dev.tidemark.cli.argument.ArgumentException;
import dev.tidemark.cli.argument.InstantArgument;
import dev.tidemark.cli.argument.RawArguments;
import dev.tidemark.cli.argument.SizeArgument;
import dev.tidemark.cli.argument.TreeFolder;
import dev.tidemark.cli.reading.Json;
import dev.tidemark.cli.reading.NodeText;
import dev.tidemark.cli.reading.Reading;
import dev.tidemark.cli.reading.StayText;
import dev.tidemark.repository.history.At;
import dev.tidemark.schemas.change.Metadata.FileTime;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemark find}. */
@Command(
    name = "find",
    sortOptions = false,
    description = {
      "Show the paths of a tree, as it was at an instant, that match a pattern: * is any run of"
          + " characters of a name, ? one, [a-z] one of some. Without a / the pattern is for the"
          + " last name of a path, else for all of it from the root, where ** is any number of"
          + " names.",
      "",
      "With --ever, paths of any time, as far as the history is kept: each with the time from which"
          + " something that matches stood there and the one at which it was gone.",
      "",
      "  tidemark find web '*.log' --larger 100M",
      "  tidemark find web 'images/**/*.png' --at -1d --newer -7d --long",
      "  tidemark find web 'invoice-2025-*.pdf' --ever"
    })
final class FindCommand implements Callable<Integer> {
  /** Some hundred bytes each are held until the end. */
  private static final long MOST_STAYS = 200_000;

  private final Surroundings surroundings;

  @Parameters(index = "0", paramLabel = "TREE", description = "The tree's name.")
  private String tree = "";

  @Parameters(
      index = "1",
      paramLabel = "PATTERN",
      description = "What is looked for; in quotes, so that the shell leaves it as it is.")
  private String pattern = "";

  @Mixin private AtOption at = new AtOption();

  @Option(
      names = "--ever",
      description = "Paths of all instants, and when something stood there, not of one instant.")
  private boolean ever;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      split = ",",
      description = "Only these: file, directory, symlink, fifo, device.")
  private Set<String> types = Set.of();

  @Option(
      names = "--larger",
      paramLabel = "SIZE",
      description = "Only files of more than SIZE: " + SizeArgument.FORMS + ".")
  private @Nullable String larger;

  @Option(
      names = "--newer",
      paramLabel = "TIME",
      description = "Only what was modified after a time, or within an age such as -7d.")
  private @Nullable String newer;

  @Option(names = "--long", description = "Show them as ls does, with their paths.")
  private boolean detailed;

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  @Mixin private ReadOptions options = new ReadOptions();

  FindCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException, CommandException {
    TreeName name = TreeFolder.tree(tree);
    at.check(surroundings);
    EntryFilter filter =
        new EntryFilter(
            Glob.parse(RawArguments.bytes(pattern)),
            types(),
            larger == null ? -1 : SizeArgument.parse("--larger", larger),
            newer == null ? EntryFilter.EVER : time(newer));
    if (ever && (detailed || at.isGiven())) {
      throw new ArgumentException("--ever is about all instants: leave out --at and --long");
    }
    ReadOptions.Place place = options.find(surroundings);
    try (Reading reading = Reading.open(place.repositoryUrl(), place.log());
        TreeReader trees = reading.openTrees(surroundings.clock())) {
      if (ever) {
        reading.requireKnown(name);
        trees.findEver(name, filter, MOST_STAYS).forEach(this::print);
        return ExitCode.OK.number();
      }
      filter.find(
          at.open(name, reading, trees, surroundings),
          entry ->
              surroundings.print(
                  json
                      ? Json.entry(entry)
                      : detailed
                          ? NodeText.lineWithPath(entry, surroundings.zone())
                          : entry.path().toString()));
    }
    return ExitCode.OK.number();
  }

  private void print(PathStay stay) throws IOException {
    surroundings.print(json ? StayText.json(stay) : StayText.line(stay, surroundings.zone()));
  }

  private Set<Type> types() {
    EnumSet<Type> wanted = EnumSet.noneOf(Type.class);
    for (String type : types) {
      try {
        wanted.add(Type.valueOf(type.toUpperCase(Locale.ROOT)));
      } catch (IllegalArgumentException e) {
        throw new ArgumentException(
            "--type \"%s\": expected file, directory, symlink, fifo or device".formatted(type));
      }
    }
    return wanted.isEmpty() ? EnumSet.allOf(Type.class) : wanted;
  }

  private FileTime time(String argument) {
    if (InstantArgument.findTag(argument).isEmpty()
        && InstantArgument.parse(argument, surroundings.clock(), surroundings.zone())
            instanceof At.Time(long millis)) {
      return new FileTime(
          Math.floorDiv(millis, 1000L), (int) Math.floorMod(millis, 1000L) * 1_000_000);
    }
    throw new ArgumentException(
        "--newer \"%s\": expected a time or an age, not another form of an instant"
            .formatted(argument));
  }
}
