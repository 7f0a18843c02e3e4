package dev.tidemark.bench;

import dev.tidemark.repository.Repository;
import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A history: a first backup, then rounds of edits that lead from one version of a source tree to
 * another, a share of its files in each. Time, processor time and size of the repository, beside
 * restic and borg on the same tree. Then all instants but those of the last day are taken out, two
 * days having gone by with each round, beside {@code restic forget --prune}.
 *
 * <pre>bench/run history FIRST-VERSION SECOND-VERSION [ROUNDS [WORK-FOLDER]]</pre>
 *
 * <p>The product runs all the while, as it does for an operator; a round counts from the end of the
 * edits until they are sealed, of which up to 10 s are the flush interval.
 */
final class History {
  private static final TreeName TREE = new TreeName("bench");
  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final Duration GLANCE = Duration.ofMillis(50);

  private final Path launcher;
  private final Path first;
  private final Path second;
  private final Path work;
  private final Path tree;
  private final Path data;
  private final List<Peer> peers;

  private History(Path launcher, Path first, Path second, Path work) {
    this.launcher = launcher;
    this.first = first;
    this.second = second;
    this.work = work;
    this.tree = work.resolve("tree");
    this.data = work.resolve("tidemark");
    this.peers = Stream.of(new Peer("restic"), new Peer("borg")).filter(Peer::isThere).toList();
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments.length < 3) {
      System.err.println(
          "usage: bench/run history FIRST-VERSION SECOND-VERSION [ROUNDS [WORK-FOLDER]]");
      System.exit(2);
    }
    Path launcher = Path.of(arguments[0]);
    int rounds = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 10;
    Path work =
        arguments.length > 4
            ? Files.createDirectories(Path.of(arguments[4]))
            : Files.createTempDirectory("tidemark-bench");
    new History(
            launcher, Path.of(arguments[1]).toRealPath(), Path.of(arguments[2]).toRealPath(), work)
        .run(rounds);
  }

  private void run(int rounds) throws IOException, InterruptedException {
    new Peer("cp").run("-a", first.toString(), tree.toString());
    System.out.printf("tree of %.1f MB%n", Product.treeBytes(tree) / 1e6);
    for (Peer peer : peers) {
      initialise(peer);
    }
    Path log = work.resolve("tidemark.log");
    Figures sealed = new Figures();
    Figures processor = new Figures();
    long start = System.nanoTime();
    try (Product product = Product.up(launcher, data, log, List.of(TREE + "=" + tree))) {
      awaitSealed(product, log, 0);
      System.out.printf(
          "first backup: tidemark %.2f s, %.1f s of processor",
          (System.nanoTime() - start) / 1e9, product.processorTime().toMillis() / 1e3);
      List<Figures> seconds = Stream.generate(Figures::new).limit(peers.size()).toList();
      List<Figures> processors = Stream.generate(Figures::new).limit(peers.size()).toList();
      for (Peer peer : peers) {
        Peer.Cost cost = backUp(peer, 0);
        System.out.printf(
            "; %s %.2f s, %.1f s of processor", peer.name(), cost.seconds(), cost.processor());
      }
      System.out.println();
      for (int round = 1; round <= rounds; round++) {
        double before = product.processorTime().toMillis() / 1e3;
        edit(round, rounds);
        start = System.nanoTime();
        tag(round);
        awaitSealed(product, log, round);
        sealed.add((System.nanoTime() - start) / 1e9);
        processor.add(product.processorTime().toMillis() / 1e3 - before);
        for (int i = 0; i < peers.size(); i++) {
          Peer.Cost cost = backUp(peers.get(i), round);
          seconds.get(i).add(cost.seconds());
          processors.get(i).add(cost.processor());
        }
      }
      System.out.printf(
          "median of %d rounds: tidemark %.2f s until sealed, %.2f s of processor%n",
          rounds, sealed.median(), processor.median());
      for (int i = 0; i < peers.size(); i++) {
        System.out.printf(
            "  %s %.2f s, %.2f s of processor; ratio of processor time %.2f%n",
            peers.get(i).name(),
            seconds.get(i).median(),
            processors.get(i).median(),
            processor.median() / processors.get(i).median());
      }
    }
    double ours = Product.treeBytes(data.resolve("repository")) / 1e6;
    System.out.printf("repository: tidemark %.1f MB%n", ours);
    for (Peer peer : peers) {
      double theirs = Product.treeBytes(work.resolve(peer.name())) / 1e6;
      System.out.printf("  %s %.1f MB, ratio %.2f%n", peer.name(), theirs, ours / theirs);
    }
    cleanUp();
  }

  /** Files of one share become those of the second version, come, or go. */
  private void edit(int round, int rounds) throws IOException {
    TreeSet<Path> names = new TreeSet<>(files(first));
    names.addAll(files(second));
    for (Path name : names) {
      if (Math.floorMod(name.toString().hashCode(), rounds) != round - 1) {
        continue;
      }
      Path target = tree.resolve(name);
      if (Files.isRegularFile(second.resolve(name))) {
        Files.createDirectories(target.getParent());
        Files.write(target, Files.readAllBytes(second.resolve(name)));
      } else {
        Files.deleteIfExists(target);
      }
    }
  }

  private static List<Path> files(Path version) throws IOException {
    try (Stream<Path> all = Files.walk(version)) {
      return all.filter(Files::isRegularFile).map(version::relativize).toList();
    }
  }

  private void tag(int round) throws IOException, InterruptedException {
    new Peer(launcher.toString())
        .run(
            "freeze",
            TREE.value(),
            "--tag",
            "round-" + round,
            "--data",
            data.toString(),
            "--",
            "true");
  }

  private void awaitSealed(Product product, Path log, int tags)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    while (!isSealed(tags)) {
      product.requireAlive(log);
      if (System.nanoTime() - start > LIMIT.toNanos()) {
        throw new IOException("not sealed after %s; see %s".formatted(LIMIT, log));
      }
      Thread.sleep(GLANCE);
    }
  }

  private boolean isSealed(int tags) throws IOException {
    Path segments = data.resolve("repository/trees").resolve(TREE.value()).resolve("log");
    if (!Files.isDirectory(segments)) {
      return false;
    }
    try (Repository opened =
        Repository.open(Repository.openStore(data.resolve("repository").toString()))) {
      return opened
          .log(TREE)
          .resumePoint()
          .map(cursor -> cursor.scanCompleted() > 0 && cursor.tags().size() >= tags)
          .orElse(false);
    }
  }

  private void initialise(Peer peer) throws IOException, InterruptedException {
    Path repository = work.resolve(peer.name());
    if (peer.name().equals("restic")) {
      peer.measure(environment(), "init");
    } else {
      peer.measure(environment(), "init", "--encryption=none", repository.toString());
    }
  }

  private Peer.Cost backUp(Peer peer, int round) throws IOException, InterruptedException {
    return peer.name().equals("restic")
        ? peer.measure(environment(), "backup", tree.toString())
        : peer.measure(
            environment(),
            "create",
            "--compression",
            "zstd",
            "%s::round-%d".formatted(work.resolve("borg"), round),
            tree.toString());
  }

  private java.util.Map<String, String> environment() {
    return java.util.Map.of(
        "RESTIC_REPOSITORY", work.resolve("restic").toString(),
        "RESTIC_PASSWORD", "benchmark",
        "RESTIC_CACHE_DIR", work.resolve("restic-cache").toString(),
        "BORG_BASE_DIR", work.resolve("borg-base").toString(),
        "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK", "yes");
  }

  private void cleanUp() throws IOException, InterruptedException {
    Path days = work.resolve("days");
    SpreadOverDays.spread(data.resolve("repository"), days, TREE);
    Peer.Cost ours =
        new Peer(java())
            .measure(
                environment(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                RetentionRun.class.getName(),
                days.toString(),
                TREE.value());
    double left = Product.treeBytes(days) / 1e6;
    System.out.printf(
        "clean-up: tidemark %.2f s (peak resident %.0f MB), %.1f MB left%n",
        ours.seconds(), ours.peakResidentBytes() / 1e6, left);
    if (peers.stream().anyMatch(peer -> peer.name().equals("restic"))) {
      Peer.Cost restic =
          new Peer("restic").measure(environment(), "forget", "--keep-last", "1", "--prune");
      System.out.printf(
          "  restic forget --prune %.2f s (peak resident %.0f MB), %.1f MB left; ratio %.2f%n",
          restic.seconds(),
          restic.peakResidentBytes() / 1e6,
          Product.treeBytes(work.resolve("restic")) / 1e6,
          ours.seconds() / restic.seconds());
    }
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }
}
