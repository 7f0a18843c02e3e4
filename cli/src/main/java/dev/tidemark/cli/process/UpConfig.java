package dev.tidemark.cli.process;

import dev.tidemark.cli.argument.ArgumentException;
import dev.tidemark.cli.argument.Placement;
import dev.tidemark.cli.argument.TreeFolder;
import dev.tidemark.watcher.OnUnreadable;
import dev.tidemark.watcher.TakeOver;
import dev.tidemark.watcher.WatcherConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What {@code up} runs.
 *
 * @param data where everything is kept
 * @param sources the trees, at least one, each once
 * @param standbys at most one per tree
 * @param takeOver what to do about trees of other writers, and about standbys in which something
 *     else stands
 * @param control what the watchers leave out, and how they are checked; for each tree
 * @param capture how changes of all trees are found
 * @param onUnreadable what watchers do about what they cannot read
 * @param scrubCycle in which the repository's data is read once; empty for never
 */
public record UpConfig(
    DataFolder data,
    List<TreeFolder> sources,
    List<TreeFolder> standbys,
    TakeOver takeOver,
    WatcherConfig.Control control,
    WatcherConfig.Capture capture,
    OnUnreadable onUnreadable,
    Optional<Duration> scrubCycle) {
  /** Name of the standbys that {@code up} itself runs. */
  public static final String STANDBY_NAME = "local";

  public UpConfig {
    sources = List.copyOf(sources);
    standbys = List.copyOf(standbys);
    if (sources.isEmpty()) {
      throw new ArgumentException("no tree given: expected TREE=DIR at least once");
    }
  }

  /**
   * Checks the folders against each other, before anything is written.
   *
   * @throws IOException if one cannot be what it is to be; the message is for the user
   */
  public void requireSoundFolders() throws IOException {
    Placement placement = new Placement();
    for (TreeFolder source : sources) {
      placement.source("Source of tree " + source.tree(), source.folder());
    }
    for (TreeFolder standby : standbys) {
      placement.owned("Standby of tree " + standby.tree(), standby.folder());
    }
    placement.owned("Data folder", data.root());
  }
}
