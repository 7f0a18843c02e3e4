package dev.tidemark.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What it takes to start: {@code tidemark version} and {@code tidemark ls}, beside the same of
 * restic and borg, with one tree in the repositories of all. Each run is a process started anew, in
 * turn.
 *
 * <pre>bench/run start-up [ROUNDS [WORK-FOLDER [TREE]]]</pre>
 *
 * TREE is the documentation unless given: of a small tree, a listing is little more than a start.
 */
final class StartUp {
  private static final String OURS = "tidemark";

  private final Path work;
  private final int rounds;
  private final Map<String, Figures> walls = new LinkedHashMap<>();
  private final Map<String, Figures> processors = new LinkedHashMap<>();
  private final Map<String, Figures> memories = new LinkedHashMap<>();

  private StartUp(Path work, int rounds) {
    this.work = work;
    this.rounds = rounds;
  }

  /** One command of one program. */
  private record Start(
      String program, String executable, Map<String, String> environment, List<String> arguments) {}

  public static void main(String[] arguments) throws Exception {
    Path launcher = Path.of(arguments[0]);
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 15;
    Path work =
        arguments.length > 2
            ? Files.createDirectories(Path.of(arguments[2])).toRealPath()
            : Files.createTempDirectory("tidemark-bench");
    Path tree = arguments.length > 3 ? Path.of(arguments[3]) : launcher.resolveSibling("docs");
    new StartUp(work, rounds).run(launcher, tree.toRealPath());
  }

  private void run(Path launcher, Path tree) throws IOException, InterruptedException {
    Restores.backUp(launcher, work, tree);
    List<Start> versions = new ArrayList<>();
    List<Start> listings = new ArrayList<>();
    String ours = launcher.toString();
    String repository = work.resolve("data/repository").toString();
    versions.add(new Start(OURS, ours, Map.of(), List.of("version")));
    listings.add(
        new Start(OURS, ours, Map.of(), List.of("ls", "bench", "--repository", repository)));
    if (new Peer("restic").isThere()) {
      Path folder = work.resolve("restic");
      Path cache = work.resolve("restic-cache");
      new Restorer.Restic(tree, folder.toString(), cache).backUp();
      Map<String, String> environment =
          Map.of(
              "RESTIC_REPOSITORY", folder.toString(),
              "RESTIC_PASSWORD", "benchmark",
              "RESTIC_CACHE_DIR", cache.toString());
      versions.add(new Start("restic", "restic", Map.of(), List.of("version")));
      listings.add(
          new Start("restic", "restic", environment, List.of("ls", "latest", tree.toString())));
    }
    if (new Peer("borg").isThere()) {
      Restorer.Borg borg =
          new Restorer.Borg(tree, work.resolve("borg"), work.resolve("borg-base")).backUp();
      versions.add(new Start("borg", "borg", Map.of(), List.of("--version")));
      listings.add(
          new Start(
              "borg", "borg", borg.environment(), List.of("list", borg.repository() + "::first")));
    }
    compare("version", versions);
    compare("ls", listings);
  }

  private void compare(String title, List<Start> starts) throws IOException, InterruptedException {
    walls.clear();
    processors.clear();
    memories.clear();
    // One round of each is not counted: files come into the page cache, and peers make theirs.
    for (int round = 0; round <= rounds; round++) {
      for (Start start : starts) {
        Peer.Cost cost =
            new Peer(start.executable())
                .measure(start.environment(), start.arguments().toArray(String[]::new));
        if (round > 0) {
          add(walls, start, cost.seconds() * 1000);
          add(processors, start, cost.processor() * 1000);
          add(memories, start, cost.peakResidentBytes() / 1048576.0);
        }
      }
    }
    System.out.printf("%s, median of %d (load %s):%n", title, rounds, load());
    Figures ours = Objects.requireNonNull(walls.get(OURS));
    Figures ourTime = Objects.requireNonNull(processors.get(OURS));
    walls.forEach(
        (program, wall) -> {
          Figures processor = Objects.requireNonNull(processors.get(program));
          System.out.printf(
              "%-10s %.0f ms, least %.0f (ratio %.2f); processor %.0f ms (ratio %.2f); %.0f MiB at"
                  + " the peak%n",
              program,
              wall.median(),
              wall.min(),
              ours.median() / wall.median(),
              processor.median(),
              ourTime.median() / Math.max(processor.median(), 10),
              Objects.requireNonNull(memories.get(program)).median());
        });
  }

  private static void add(Map<String, Figures> figures, Start start, double value) {
    figures.computeIfAbsent(start.program(), _ -> new Figures()).add(value);
  }

  /** Of the last minute: what else the machine was doing. */
  static String load() throws IOException {
    return Files.readString(Path.of("/proc/loadavg")).split(" ")[0];
  }
}
