package dev.tidemark.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/**
 * New files that {@code tar} puts into a watched tree: from its start until all are published, and
 * until all are on the standby; beside {@code rsync} carrying the same files once.
 *
 * <pre>bench/run burst [FILES [ROUNDS [WORK-FOLDER]]]</pre>
 */
final class Burst {
  private static final int BYTES = 8192;

  private Burst() {}

  public static void main(String[] arguments) throws Exception {
    Path launcher = Path.of(arguments[0]);
    int files = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10_000;
    int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 5;
    Path work =
        arguments.length > 3
            ? Files.createDirectories(Path.of(arguments[3]))
            : Files.createTempDirectory("tidemark-bench");
    Peer rsync = new Peer("rsync");
    Peer tar = new Peer("tar");
    boolean peer = rsync.isThere();
    Figures extracted = new Figures();
    Figures published = new Figures();
    Figures followed = new Figures();
    Figures peers = new Figures();
    try (Following following = Following.start(launcher, work)) {
      for (int round = 0; round <= rounds; round++) {
        // Other bytes in each round: what the tree holds already would cost nothing.
        Path archive = pack(work, files, round, tar);
        String name = "files-" + round;
        Path into = Files.createDirectory(following.source.resolve("round-" + round));
        Path intoStandby = following.standby.resolve("round-" + round);
        Path onStandby = intoStandby.resolve(name);
        following.await(System.nanoTime(), () -> Files.isDirectory(intoStandby));
        following.tail.skip();
        long start = System.nanoTime();
        double tarSeconds = tar.run("xf", archive.toString(), "-C", into.toString());
        double log = following.await(start, () -> following.tail.puts() >= files);
        double seconds = following.await(start, () -> Following.hasFiles(onStandby, files));
        Following.requireEqual(into.resolve(name), onStandby);
        double rsyncSeconds =
            peer
                ? rsync.run("-a", into + "/", work.resolve("copy-" + round).toString())
                : Double.NaN;
        System.out.printf(
            "%s: tar %.2f s, published %.2f s, on the standby %.2f s; rsync %.2f s, ratio %.2f%n",
            round == 0 ? "warm-up" : "round " + round,
            tarSeconds,
            log,
            seconds,
            rsyncSeconds,
            seconds / rsyncSeconds);
        if (round > 0) {
          extracted.add(tarSeconds);
          published.add(log);
          followed.add(seconds);
          peers.add(rsyncSeconds);
        }
        Product.deleteTree(work.resolve("copy-" + round));
      }
    }
    System.out.printf(
        "median of %d with %,d files of %d bytes: tar %.2f s, published %.2f s, on the standby"
            + " %.2f s; rsync %.2f s, ratio %.2f%n",
        rounds,
        files,
        BYTES,
        extracted.median(),
        published.median(),
        followed.median(),
        peers.median(),
        followed.median() / peers.median());
  }

  private static Path pack(Path work, int files, int round, Peer tar)
      throws IOException, InterruptedException {
    Random random = new Random(round);
    Path made = Files.createDirectories(work.resolve("files-" + round));
    byte[] body = new byte[BYTES];
    for (int i = 0; i < files; i++) {
      random.nextBytes(body);
      Files.write(made.resolve("f" + i), body);
    }
    Path archive = work.resolve("files.tar");
    tar.run("cf", archive.toString(), "-C", work.toString(), made.getFileName().toString());
    Product.deleteTree(made);
    return archive;
  }
}
