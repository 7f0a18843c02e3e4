package dev.tidemark.cli;

import dev.tidemark.cli.argument.ArgumentException;
import dev.tidemark.cli.argument.DurationArgument;
import dev.tidemark.cli.argument.RawArguments;
import dev.tidemark.cli.argument.TreeFolder;
import dev.tidemark.cli.reading.Json;
import dev.tidemark.log.Heads;
import dev.tidemark.log.LogAdmin;
import dev.tidemark.log.LogConnection;
import dev.tidemark.log.LogTopics;
import dev.tidemark.log.Tags;
import dev.tidemark.log.Tags.LoggedTag;
import dev.tidemark.schemas.change.DisplayText;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemark tag}. */
@Command(
    name = "tag",
    sortOptions = false,
    description = {
      "Name what is in the log of a tree now, so that it can be had back by that name: `restore"
          + " --at tag:NAME`. What was written a moment ago may not be in the log yet; `tidemark"
          + " freeze` waits for it."
    })
final class TagCommand implements Callable<Integer> {
  private static final int MOST_CHARACTERS = 255;
  private static final Duration POLL = Duration.ofMillis(200);
  private static final long MICROS_PER_MILLI = 1000;

  private final Surroundings surroundings;

  @Parameters(index = "0", paramLabel = "TREE", description = "The tree's name.")
  private String tree = "";

  @Parameters(
      index = "1",
      paramLabel = "NAME",
      description = "The tag. A name given again names the newer instant from then on.")
  private String name = "";

  @Option(
      names = "--wait",
      description = "Return only when the tag, and all before it, are in the repository.")
  private boolean untilSealed;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "5m",
      description = "How long --wait may take. Default: ${DEFAULT-VALUE}")
  private String timeout = "5m";

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Mixin private DataOption data = new DataOption();
  @Mixin private BrokerOptions broker = new BrokerOptions();

  TagCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws IOException, CommandException, InterruptedException {
    TreeName of = TreeFolder.tree(tree);
    String label = label(name);
    Duration patience = DurationArgument.parse("--timeout", timeout);
    LogConnection log = broker.requireOrRunning(data, surroundings);
    LogTopics topics;
    try (LogAdmin admin = LogAdmin.connect(log)) {
      topics = admin.requireTopics();
    }
    LoggedTag tag =
        Tags.publish(
            log,
            topics,
            of,
            label,
            UUID.randomUUID(),
            surroundings.clock().millis() * MICROS_PER_MILLI);
    if (untilSealed) {
      awaitSealed(log, topics, of, tag, patience);
    }
    if (json) {
      surroundings
          .out()
          .println(
              Json.write(
                  Json.object()
                      .put("tree", of.value())
                      .put("tag", label)
                      .put("sequence", tag.sequence())
                      .put("logTime", Instant.ofEpochMilli(tag.logTimeMillis()).toString())
                      .put("sealed", untilSealed)));
    } else {
      surroundings
          .out()
          .printf(
              "tagged tree %s as %s: sequence %d, %s%s%n",
              of,
              label,
              tag.sequence(),
              Instant.ofEpochMilli(tag.logTimeMillis()),
              untilSealed ? ", sealed" : "");
    }
    return ExitCode.OK.number();
  }

  /** A tag's name as it is given: one line of text that {@code --at} can name again. */
  static String label(String name) {
    boolean isText = !name.isBlank() && name.codePoints().noneMatch(Character::isISOControl);
    if (!isText || name.length() > MOST_CHARACTERS) {
      throw new ArgumentException(
          "tag \"%s\": expected 1 to %d characters of text on one line"
              .formatted(DisplayText.of(RawArguments.bytes(name)), MOST_CHARACTERS));
    }
    return name;
  }

  private void awaitSealed(
      LogConnection log, LogTopics topics, TreeName of, LoggedTag tag, Duration patience)
      throws IOException, CommandException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (sealed(log, topics, of) < tag.sequence()) {
      if (System.nanoTime() > deadline || surroundings.stop().await(POLL)) {
        throw CommandException.failed(
            ("the tag is in the log of tree %s at sequence %d, but not in the repository yet; it"
                    + " will be. `tidemark status` shows how far that is.")
                .formatted(of, tag.sequence()));
      }
    }
  }

  private static long sealed(LogConnection log, LogTopics topics, TreeName of) throws IOException {
    return Heads.find(log, topics, of).map(head -> head.sealed().sequence()).orElse(0L);
  }
}
