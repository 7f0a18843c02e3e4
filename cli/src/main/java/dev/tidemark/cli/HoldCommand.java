package dev.tidemark.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemark.cli.argument.ArgumentException;
import dev.tidemark.cli.argument.InstantArgument;
import dev.tidemark.cli.argument.TreeFolder;
import dev.tidemark.cli.reading.Json;
import dev.tidemark.cli.reading.Reading;
import dev.tidemark.repository.blob.Grace;
import dev.tidemark.repository.history.At;
import dev.tidemark.repository.retention.Hold;
import dev.tidemark.repository.retention.TreeRetention;
import dev.tidemark.schemas.change.DisplayText;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemark hold}. */
@Command(
    name = "hold",
    sortOptions = false,
    description =
        "Keep an instant of a tree, whatever policy says, until it is released. Without --at, list"
            + " the holds of the tree.")
final class HoldCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Parameters(index = "0", paramLabel = "TREE", description = "The tree's name.")
  private String tree = "";

  @Option(names = "--at", paramLabel = "T", description = "The instant: " + InstantArgument.FORMS)
  private @Nullable String at;

  @Option(names = "--note", paramLabel = "TEXT", description = "Why, for people.")
  private String note = "";

  @Option(names = "--release", description = "End all holds of that instant.")
  private boolean release;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Mixin private ReadOptions options = new ReadOptions();

  HoldCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException, CommandException {
    TreeName of = TreeFolder.tree(tree);
    if (at == null && (release || !note.isEmpty())) {
      throw new ArgumentException("--release and --note are about one instant: name it with --at");
    }
    if (note.getBytes(StandardCharsets.UTF_8).length > 4096) {
      throw new ArgumentException("--note: expected at most 4096 bytes");
    }
    ReadOptions.Place place = options.find(surroundings);
    // What is not sealed can neither be held nor go.
    try (Reading reading = Reading.open(place.repositoryUrl(), place.log())) {
      reading.requireKnown(of);
      TreeRetention retention = new TreeRetention(reading.repository(), of, Grace.DEFAULT);
      if (at == null) {
        show(of, retention.holds().list());
        return ExitCode.OK.number();
      }
      At instant = reading.instant(of, at, surroundings.clock(), surroundings.zone());
      long sequence =
          instant instanceof At.Sequence(long named)
              ? named
              : reading.repository().history(of).at(instant).sequence();
      return release ? release(of, retention, sequence) : hold(of, retention, sequence);
    }
  }

  private int hold(TreeName of, TreeRetention retention, long sequence) throws IOException {
    retention.hold(sequence, note);
    if (json) {
      surroundings
          .out()
          .println(Json.write(Json.object().put("tree", of.value()).put("sequence", sequence)));
    } else {
      surroundings.out().printf("tree %s is held at sequence %d%n", of, sequence);
    }
    return ExitCode.OK.number();
  }

  private int release(TreeName of, TreeRetention retention, long sequence)
      throws IOException, CommandException {
    int released = retention.release(sequence);
    if (released == 0) {
      throw CommandException.failed(
          "tree %s is not held at sequence %d; `tidemark hold %s` lists its holds"
              .formatted(of, sequence, of));
    }
    if (json) {
      surroundings
          .out()
          .println(
              Json.write(
                  Json.object()
                      .put("tree", of.value())
                      .put("sequence", sequence)
                      .put("released", released)));
    } else {
      surroundings.out().printf("tree %s is no longer held at sequence %d%n", of, sequence);
    }
    return ExitCode.OK.number();
  }

  private void show(TreeName of, List<Hold> holds) {
    if (json) {
      ObjectNode root = Json.object().put("tree", of.value());
      ArrayNode array = root.putArray("holds");
      for (Hold hold : holds) {
        array
            .addObject()
            .put("sequence", hold.sequence())
            .put("since", Instant.ofEpochMilli(hold.sinceMillis()).toString())
            .put("note", hold.note());
      }
      surroundings.out().println(Json.write(root));
      return;
    }
    for (Hold hold : holds) {
      surroundings
          .out()
          .printf(
              "sequence %d  since %s  %s%n",
              hold.sequence(),
              Instant.ofEpochMilli(hold.sinceMillis()),
              DisplayText.of(hold.note().getBytes(StandardCharsets.UTF_8)));
    }
    if (holds.isEmpty()) {
      surroundings.err().printf("tree %s has no holds%n", of);
    }
  }
}
