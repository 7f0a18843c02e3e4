package dev.tidemark.cli.migrate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Options of rsync's command line within a configuration of lsyncd. */
final class RsyncOptions {
  private static final String EXCLUDE = "--exclude=";

  private RsyncOptions() {}

  /**
   * Gives each option that is written as on a command line ({@code _extra}) the name that it has as
   * a setting, and its patterns to the others.
   */
  static void spread(Map<String, Object> rsync, List<String> excludes) {
    for (String option : LsyncdConfig.list(rsync.remove("_extra"))) {
      Optional<String> name = LsyncdSettings.nameOfOption(option);
      if (option.startsWith(EXCLUDE)) {
        excludes.add(option.substring(EXCLUDE.length()));
      } else if (name.isPresent()) {
        rsync.put(name.get(), option.contains("=") ? option.split("=", 2)[1] : Boolean.TRUE);
      } else {
        spreadLetters(rsync, option);
      }
    }
  }

  private static void spreadLetters(Map<String, Object> rsync, String option) {
    List<String> names = new ArrayList<>();
    for (char letter : option.substring(Math.min(1, option.length())).toCharArray()) {
      LsyncdSettings.nameOfLetter(letter).ifPresent(names::add);
    }
    if (option.startsWith("-") && names.size() == option.length() - 1) {
      names.forEach(name -> rsync.put(name, Boolean.TRUE));
    } else {
      rsync.put(option, Boolean.TRUE);
    }
  }

  /** Lines of a file of patterns, as rsync reads it. */
  static List<String> patterns(List<String> lines) {
    return lines.stream()
        .filter(line -> !line.isBlank() && !line.startsWith("#") && !line.startsWith(";"))
        .map(line -> line.startsWith("- ") ? line.substring(2) : line)
        .toList();
  }
}
