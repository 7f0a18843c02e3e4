package dev.tidemark.cli;

import dev.tidemark.apply.OwnerIds;
import picocli.CommandLine.Option;

/** How owners are found on this host. */
final class OwnerOptions {
  @Option(
      names = "--numeric-ids",
      description =
          "Give files to the user and group numbers they have at the source, instead of to those of"
              + " the same names here.")
  private boolean numeric;

  OwnerIds ids() {
    return numeric ? OwnerIds.NUMERIC : OwnerIds.BY_NAME;
  }
}
