package dev.tidemark.cli;

import dev.tidemark.cli.argument.DurationArgument;
import dev.tidemark.watcher.MaxRemovals;
import dev.tidemark.watcher.ReconcilePlan;
import dev.tidemark.watcher.ReconcilePlan.Depth;
import dev.tidemark.watcher.WatcherConfig;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a watcher leaves out of its tree, and how it is checked against the directory. */
final class ControlOptions {
  @Mixin private FilterOptions filter = new FilterOptions();

  @Option(
      names = "--max-removals",
      paramLabel = "N|P%",
      description =
          "Stop instead of publishing that more than N entries, or P percent of them, are gone when"
              + " the tree is compared: at the start, after lost events, and in the background."
              + " What is deleted while it is watched is not limited. Default: half of them where"
              + " that is more than 1,000, and never all when nothing is left in the directory.")
  private @Nullable String maxRemovals;

  @Option(
      names = "--reconcile-interval",
      paramLabel = "TIME",
      defaultValue = "24h",
      description =
          "Go over the whole tree once in this time, a little all the time, to find what no event"
              + " has told: "
              + DurationArgument.FORMS
              + " for never. Default: ${DEFAULT-VALUE}")
  private String reconcileInterval = "24h";

  @Option(
      names = "--reconcile-content",
      description =
          "Read the files as well, all of them once an interval: finds decay of the disk, and"
              + " writes through memory maps that leave no trace.")
  private boolean reconcileContent;

  /** What was asked for. */
  WatcherConfig.Control control() throws IOException {
    return new WatcherConfig.Control(
        filter.filter(),
        maxRemovals == null ? MaxRemovals.USUAL : MaxRemovals.parse(maxRemovals),
        new ReconcilePlan(
            DurationArgument.parse("--reconcile-interval", reconcileInterval),
            reconcileContent ? Depth.CONTENT : Depth.SIGNATURES));
  }
}
