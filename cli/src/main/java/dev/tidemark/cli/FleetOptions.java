package dev.tidemark.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemark.cli.argument.ArgumentException;
import dev.tidemark.cli.argument.DurationArgument;
import dev.tidemark.cli.fleet.Fleet;
import dev.tidemark.cli.fleet.Watch;
import dev.tidemark.cli.process.Amounts;
import dev.tidemark.cli.reading.Json;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.CommandReport;
import dev.tidemark.schemas.cursor.StandbyCommand;
import dev.tidemark.schemas.cursor.StandbyStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import picocli.CommandLine.Option;

/** What is asked of standbys, and how long their answers are waited for. */
final class FleetOptions {
  private static final Duration LOOK = Duration.ofMillis(500);

  @Option(
      names = "--on",
      paramLabel = "NAME",
      split = ",",
      description =
          "The standbys that are to do it, each by the name that `tidemark status` shows, separated"
              + " by commas; or all. One that is away does it when it returns.")
  private List<String> standbys = new ArrayList<>();

  @Option(
      names = "--expires",
      paramLabel = "TIME",
      defaultValue = "0",
      description =
          "A standby that returns later than that does nothing: "
              + DurationArgument.FORMS
              + " for never. Default: 0")
  private String expires = "0";

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "10m",
      description =
          "How long to wait for the standbys; 0 only leaves the command in the log. Default:"
              + " ${DEFAULT-VALUE}")
  private String timeout = "10m";

  boolean isGiven() {
    return !standbys.isEmpty();
  }

  /**
   * Asks the standbys for something, and shows what becomes of it.
   *
   * @param sequence where they shall stand; 0 where that means nothing
   */
  ExitCode ask(
      Surroundings surroundings,
      boolean json,
      Fleet fleet,
      TreeName tree,
      StandbyCommand.Kind kind,
      long sequence)
      throws IOException, InterruptedException {
    Duration patience = DurationArgument.parse("--timeout", timeout);
    Duration lifetime = DurationArgument.parse("--expires", expires);
    if (standbys.isEmpty()) {
      throw new ArgumentException("--on NAME or --on all is needed");
    }
    Set<String> names = fleet.named(standbys);
    long until = lifetime.isZero() ? 0 : surroundings.clock().millis() + lifetime.toMillis();
    List<StandbyCommand> commands =
        names.stream()
            .map(name -> new StandbyCommand(UUID.randomUUID(), kind, tree, name, sequence, until))
            .toList();
    fleet.send(commands);
    if (patience.isZero()) {
      return ExitCode.OK;
    }
    Watch watch = new Watch(fleet, commands);
    await(surroundings, json, watch, patience);
    List<String> open = watch.open();
    if (!open.isEmpty()) {
      surroundings
          .err()
          .printf(
              "tidemark: not done yet on %s. The command is in the log: what is under way goes on,"
                  + " and a standby that is away does it when it returns. `tidemark status` shows"
                  + " how far they are.%n",
              String.join(", ", open));
    }
    return !watch.failed().isEmpty()
        ? ExitCode.FAILURE
        : open.isEmpty() ? ExitCode.OK : ExitCode.PARTIAL;
  }

  private static void await(Surroundings surroundings, boolean json, Watch watch, Duration patience)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!watch.open().isEmpty() && System.nanoTime() < deadline) {
      for (Watch.News news : watch.look()) {
        surroundings.out().println(json ? Json.write(json(news)) : text(news));
      }
      if (!watch.open().isEmpty() && surroundings.stop().await(LOOK)) {
        return;
      }
    }
  }

  private static String text(Watch.News news) {
    StandbyStatus status = news.status();
    CommandReport report = news.report();
    return switch (report.state()) {
      case WORKING ->
          "%s: working, %s entries".formatted(status.standby(), Amounts.count(report.entries()));
      case DONE ->
          status.phase().equals("held")
              ? "%s: stands at sequence %d".formatted(status.standby(), status.appliedSequence())
              : "%s: follows, at sequence %d".formatted(status.standby(), status.appliedSequence());
      case FAILED -> "%s: failed, %s".formatted(status.standby(), report.detail());
      case UNKNOWN -> "%s: tells what this version does not know".formatted(status.standby());
    };
  }

  private static ObjectNode json(Watch.News news) {
    return Json.object()
        .put("standby", news.status().standby())
        .put("state", news.report().state().name().toLowerCase(Locale.ROOT))
        .put("entries", news.report().entries())
        .put("sequence", news.status().appliedSequence())
        .put("detail", news.report().detail());
  }
}
