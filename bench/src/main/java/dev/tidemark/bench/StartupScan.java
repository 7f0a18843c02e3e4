package dev.tidemark.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The start of a watcher over a tree in which nothing has changed, until its scan is complete,
 * beside {@code rsync -a} finding nothing to do in the same tree, alternating; with the memory and
 * the state that the watcher needs for it.
 *
 * <pre>bench/run startup-scan [FILES [ROUNDS [WORK-FOLDER]]]</pre>
 */
final class StartupScan {
  private static final Duration LIMIT = Duration.ofMinutes(30);
  private static final int FILES_IN_A_DIRECTORY = 100;

  /** So many contents, so that the log holds mostly changes. */
  private static final int CONTENTS = 100;

  private final Path launcher;
  private final Path work;
  private final int files;
  private final Path tree;
  private final Path copy;
  private final Path log;
  private final Figures ours = new Figures();
  private final Figures resident = new Figures();
  private final Figures peakResident = new Figures();
  private final Figures peers = new Figures();

  private StartupScan(Path launcher, Path work, int files) {
    this.launcher = launcher;
    this.work = work;
    this.files = files;
    this.tree = work.resolve("tree");
    this.copy = work.resolve("copy");
    this.log = work.resolve("watch.log");
  }

  public static void main(String[] arguments) throws Exception {
    Path launcher = Path.of(arguments[0]);
    int files = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1_000_000;
    int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 3;
    Path work =
        arguments.length > 3
            ? Files.createDirectories(Path.of(arguments[3]))
            : Files.createTempDirectory("tidemark-bench");
    new StartupScan(launcher, work, files).run(rounds);
  }

  private void run(int rounds) throws IOException, InterruptedException {
    Peer rsync = new Peer("rsync");
    boolean peer = rsync.isThere();
    createTree();
    if (peer) {
      rsync.run("-a", tree + "/", copy.toString());
    }
    Path broker = work.resolve("broker");
    Path brokerLog = work.resolve("up.log");
    Path other = Files.createDirectories(work.resolve("other"));
    try (Product up = Product.up(launcher, broker, brokerLog, List.of("other=" + other))) {
      up.awaitOutput(brokerLog, "ready: tree other", LIMIT);
      String address = Product.brokerAddress(brokerLog);
      System.out.printf(
          "first scan of %,d files: %.1f s to publish all%n", files, watch(address, 0));
      for (int round = 1; round <= rounds; round++) {
        double seconds = watch(address, round);
        ours.add(seconds);
        double rsyncSeconds = peer ? rsync.run("-a", tree + "/", copy.toString()) : Double.NaN;
        peers.add(rsyncSeconds);
        System.out.printf(
            "round %d: start to scan complete %.2f s, rsync %.2f s, ratio %.2f%n",
            round, seconds, rsyncSeconds, seconds / rsyncSeconds);
      }
    }
    long state = Product.treeBytes(work.resolve("watch-data"));
    System.out.printf(
        "median of %d over %,d files: tidemark %.2f s, rsync %.2f s, ratio %.2f;"
            + " resident %.0f MiB (peak %.0f MiB); state %.0f bytes a file%n",
        rounds,
        files,
        ours.median(),
        peers.median(),
        ours.median() / peers.median(),
        resident.median() / (1 << 20),
        peakResident.median() / (1 << 20),
        (double) state / files);
  }

  private double watch(String address, int round) throws IOException, InterruptedException {
    long start = System.nanoTime();
    try (Product watch =
        Product.start(
            launcher,
            log,
            List.of(
                "watch",
                "bench=" + tree,
                "--bootstrap-server",
                address,
                "--data",
                work.resolve("watch-data").toString()))) {
      watch.awaitOutput(log, "ready: tree bench", LIMIT);
      double seconds = (System.nanoTime() - start) / 1e9;
      if (round > 0) {
        TimeUnit.SECONDS.sleep(2); // what it holds when it is idle, not the height of the scan
        resident.add(watch.residentBytes());
        peakResident.add(watch.peakResidentBytes());
      }
      return seconds;
    }
  }

  private void createTree() throws IOException {
    for (int i = 0; i < files; i++) {
      Path directory = tree.resolve("d%05d".formatted(i / FILES_IN_A_DIRECTORY));
      if (i % FILES_IN_A_DIRECTORY == 0) {
        Files.createDirectories(directory);
      }
      Files.write(
          directory.resolve("file-%07d.txt".formatted(i)),
          "content %d%n".formatted(i % CONTENTS).getBytes(UTF_8));
    }
  }
}
