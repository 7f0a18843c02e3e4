package dev.tidemark.bench;

import dev.tidemark.repository.Repository;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * First backup of a tree, from the start of the process until everything is sealed in the
 * repository, beside {@code restic backup} of the same tree, alternating.
 *
 * <pre>bench/run first-backup TREE [ROUNDS [WORK-FOLDER]]</pre>
 */
final class FirstBackup {
  private static final TreeName TREE = new TreeName("bench");
  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final Duration GLANCE = Duration.ofMillis(20);

  private final Path launcher;
  private final Path tree;
  private final Path work;
  private final Figures ours = new Figures();
  private final Figures oursProcessor = new Figures();
  private final Figures oursResident = new Figures();
  private final Figures restic = new Figures();

  private FirstBackup(Path launcher, Path tree, Path work) {
    this.launcher = launcher;
    this.tree = tree;
    this.work = work;
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments.length < 2) {
      System.err.println("usage: bench/run first-backup TREE [ROUNDS [WORK-FOLDER]]");
      System.exit(2);
    }
    Path launcher = Path.of(arguments[0]);
    Path tree = Path.of(arguments[1]).toRealPath();
    int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 3;
    Path work =
        arguments.length > 3
            ? Files.createDirectories(Path.of(arguments[3]))
            : Files.createTempDirectory("tidemark-bench");
    new FirstBackup(launcher, tree, work).run(rounds);
  }

  private void run(int rounds) throws IOException, InterruptedException {
    // The first use of memory and of the page cache is slow: one round of each is not counted.
    for (int round = 0; round <= rounds; round++) {
      double seconds = backUp(round);
      double peer = backUpWithRestic(round);
      System.out.printf(
          "%s tidemark %.2f s, restic %.2f s, ratio %.2f%n",
          round == 0 ? "warm-up" : "round " + round, seconds, peer, seconds / peer);
    }
    System.out.printf(
        "median of %d: tidemark %.2f s (processor %.1f s, peak resident %.0f MB), restic %.2f s,"
            + " ratio %.2f%n",
        rounds,
        ours.median(),
        oursProcessor.median(),
        oursResident.median() / 1e6,
        restic.median(),
        ours.median() / restic.median());
  }

  private double backUp(int round) throws IOException, InterruptedException {
    Path data = work.resolve("tidemark");
    Path log = work.resolve("tidemark.log");
    Product.deleteTree(data);
    long start = System.nanoTime();
    try (Product product = Product.up(launcher, data, log, List.of(TREE + "=" + tree))) {
      while (!isSealed(data.resolve("repository"))) {
        product.requireAlive(log);
        if (System.nanoTime() - start > LIMIT.toNanos()) {
          throw new IOException("not sealed after %s; see %s".formatted(LIMIT, log));
        }
        Thread.sleep(GLANCE);
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      if (round > 0) {
        ours.add(seconds);
        oursProcessor.add(product.processorTime().toMillis() / 1e3);
        oursResident.add(product.peakResidentBytes());
      }
      return seconds;
    } finally {
      System.out.printf(
          "  repository %.1f MB%n", Product.treeBytes(data.resolve("repository")) / 1e6);
    }
  }

  private static boolean isSealed(Path repository) throws IOException {
    Path segments = repository.resolve("trees").resolve(TREE.value()).resolve("log");
    if (!Files.isDirectory(segments)) {
      return false;
    }
    try (Repository opened = Repository.open(Repository.openStore(repository.toString()))) {
      return opened.log(TREE).resumePoint().map(cursor -> cursor.scanCompleted() > 0).orElse(false);
    }
  }

  private double backUpWithRestic(int round) throws IOException, InterruptedException {
    Path repository = work.resolve("restic");
    Product.deleteTree(repository);
    Map<String, String> environment =
        Map.of(
            "RESTIC_REPOSITORY", repository.toString(),
            "RESTIC_PASSWORD", "benchmark",
            "RESTIC_CACHE_DIR", work.resolve("restic-cache").toString());
    restic(environment, "init");
    long start = System.nanoTime();
    restic(environment, "backup", tree.toString());
    double seconds = (System.nanoTime() - start) / 1e9;
    if (round > 0) {
      restic.add(seconds);
    }
    return seconds;
  }

  private void restic(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    var builder =
        new ProcessBuilder()
            .redirectErrorStream(true)
            .redirectOutput(work.resolve("restic.log").toFile());
    builder.command().add("restic");
    builder.command().addAll(List.of(arguments));
    builder.environment().putAll(environment);
    int code = builder.start().waitFor();
    if (code != 0) {
      throw new IOException("restic ended with %d; see %s".formatted(code, work));
    }
  }
}
