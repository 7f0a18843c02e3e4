package dev.tidemark.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/**
 * A directory full of files is renamed: the changes that this is in the log, and the time until the
 * standby shows it; beside {@code rsync} with {@code --delete} after the same rename.
 *
 * <pre>bench/run rename [FILES [ROUNDS [WORK-FOLDER]]]</pre>
 */
final class DirectoryRename {
  private static final int BYTES = 8192;

  private DirectoryRename() {}

  public static void main(String[] arguments) throws Exception {
    Path launcher = Path.of(arguments[0]);
    int files = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10_000;
    int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 9;
    Path work =
        arguments.length > 3
            ? Files.createDirectories(Path.of(arguments[3]))
            : Files.createTempDirectory("tidemark-bench");
    Peer rsync = new Peer("rsync");
    boolean peer = rsync.isThere();
    Path copy = work.resolve("copy");
    create(Files.createDirectories(work.resolve("source/name-0")), files);
    Figures ours = new Figures();
    Figures peers = new Figures();
    Figures moves = new Figures();
    Figures others = new Figures();
    try (Following following = Following.start(launcher, work)) {
      for (int round = 0; round <= rounds; round++) {
        Path from = following.source.resolve("name-" + round);
        Path to = following.source.resolve("name-" + (round + 1));
        Path onStandby = following.standby.resolve(to.getFileName());
        if (peer) {
          rsync.run("-a", "--delete", following.source + "/", copy.toString());
        }
        following.tail.skip();
        long start = System.nanoTime();
        Files.move(from, to);
        double seconds = following.await(start, () -> Files.isDirectory(onStandby));
        if (!Following.hasFiles(onStandby, files)) {
          throw new IOException(onStandby + " is not whole");
        }
        // The directory above has new times of its own: that put is the last of it.
        following.await(start, () -> following.tail.puts() > 0);
        double rsyncSeconds =
            peer
                ? rsync.run("-a", "--delete", following.source + "/", copy.toString())
                : Double.NaN;
        System.out.printf(
            "%s: %d moves, %d puts, %d removals; on the standby after %.0f ms; rsync %.0f ms,"
                + " ratio %.3f%n",
            round == 0 ? "warm-up" : "round " + round,
            following.tail.moves(),
            following.tail.puts(),
            following.tail.removes(),
            seconds * 1e3,
            rsyncSeconds * 1e3,
            seconds / rsyncSeconds);
        if (round > 0) {
          ours.add(seconds);
          peers.add(rsyncSeconds);
          moves.add(following.tail.moves());
          others.add(following.tail.puts() + following.tail.removes());
        }
      }
    }
    System.out.printf(
        "median of %d with %,d files: %.0f moves and %.0f other changes; on the standby after"
            + " %.0f ms; rsync %.0f ms, ratio %.3f%n",
        rounds,
        files,
        moves.median(),
        others.median(),
        ours.median() * 1e3,
        peers.median() * 1e3,
        ours.median() / peers.median());
  }

  private static void create(Path directory, int files) throws IOException {
    Random random = new Random(1);
    byte[] body = new byte[BYTES];
    for (int i = 0; i < files; i++) {
      random.nextBytes(body);
      Files.write(directory.resolve("f" + i), body);
    }
  }
}
