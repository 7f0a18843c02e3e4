package dev.tidemark.cli;

import dev.tidemark.apply.OwnerIds;
import dev.tidemark.cli.argument.ArgumentException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** How owners are found on this host. */
final class OwnerOptions {
  @Option(
      names = "--numeric-ids",
      description =
          "Give files to the user and group numbers they have at the source, instead of to those of"
              + " the same names here.")
  private boolean numeric;

  @Option(
      names = "--owner-map",
      paramLabel = "FROM=TO",
      description =
          "Give what user FROM has at the source to user TO here; each a name or a number, and FROM"
              + " may be * for all that are not named. May be repeated.")
  private List<String> users = new ArrayList<>();

  @Option(names = "--group-map", paramLabel = "FROM=TO", description = "The same with groups.")
  private List<String> groups = new ArrayList<>();

  OwnerIds ids() {
    return new OwnerIds(numeric, map("--owner-map", users), map("--group-map", groups));
  }

  private static Map<String, String> map(String option, List<String> pairs) {
    Map<String, String> map = new HashMap<>();
    for (String pair : pairs) {
      int equals = pair.indexOf('=');
      if (equals < 1 || equals == pair.length() - 1) {
        throw new ArgumentException(
            "%s %s: expected FROM=TO, as in www-data=nginx or 33=101".formatted(option, pair));
      }
      if (map.put(pair.substring(0, equals), pair.substring(equals + 1)) != null) {
        throw new ArgumentException(
            "%s: %s is given twice".formatted(option, pair.substring(0, equals)));
      }
    }
    return map;
  }
}
