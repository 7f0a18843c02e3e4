package dev.tidemark.cli.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names of metrics: those of docs/metrics.md, and those of an answer. */
public final class Documented {
  private static final Pattern ROW = Pattern.compile("(?m)^\\| `(tidemark_\\w+)` \\| (\\w+) \\|");
  private static final Pattern SERVED = Pattern.compile("(?m)^# TYPE (tidemark_\\w+) (\\w+)$");

  private Documented() {}

  /** Of those that roles serve, each as {@code name type}. */
  public static Set<String> names() throws IOException {
    Set<String> names = all();
    names.removeIf(Documented::isOfDrills);
    return names;
  }

  /** The same of those that a drill writes into a file. */
  public static Set<String> namesOfDrills() throws IOException {
    Set<String> names = all();
    names.removeIf(name -> !isOfDrills(name));
    return names;
  }

  private static boolean isOfDrills(String name) {
    return name.startsWith("tidemark_drill_");
  }

  private static Set<String> all() throws IOException {
    return find(ROW, Files.readString(Path.of("..", "docs", "metrics.md")));
  }

  /** The same of what was scraped. */
  public static Set<String> served(String scraped) {
    return find(SERVED, scraped);
  }

  private static Set<String> find(Pattern pattern, String text) {
    Set<String> names = new TreeSet<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      names.add(matcher.group(1) + " " + matcher.group(2));
    }
    return names;
  }
}
