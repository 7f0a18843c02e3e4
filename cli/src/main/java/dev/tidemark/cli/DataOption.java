package dev.tidemark.cli;

import dev.tidemark.cli.argument.RawArguments;
import dev.tidemark.cli.process.DataFolder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where {@code up}, and each role, keep what they need to go on. */
final class DataOption {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "The data folder. Default: /var/lib/tidemark for root, else $XDG_DATA_HOME/tidemark,"
              + " which is usually ~/.local/share/tidemark.")
  private @Nullable String folder;

  boolean isGiven() {
    return folder != null;
  }

  DataFolder folder(Surroundings surroundings) {
    return folder == null
        ? DataFolder.usual(
            surroundings.user().name(), surroundings.user().home(), surroundings.environment())
        : new DataFolder(RawArguments.path(folder));
  }
}
