package dev.tidemark.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;

/**
 * A piece is appended to a large file: the bytes that are sent for it, and the time until the
 * standby has them; beside {@code rsync}, which compares the whole of both files.
 *
 * <pre>bench/run append [FILE-MIB [APPENDED-KIB [ROUNDS [WORK-FOLDER]]]]</pre>
 *
 * The bytes read are those of the whole process: the file's, and what goes through its sockets.
 */
final class Append {
  private static final int PIECE = 1 << 20;

  private Append() {}

  public static void main(String[] arguments) throws Exception {
    Path launcher = Path.of(arguments[0]);
    int mebibytes = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1024;
    int appended = (arguments.length > 2 ? Integer.parseInt(arguments[2]) : 1024) * 1024;
    int rounds = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 5;
    Path work =
        arguments.length > 4
            ? Files.createDirectories(Path.of(arguments[4]))
            : Files.createTempDirectory("tidemark-bench");
    Random random = new Random(1);
    Path file = Files.createDirectories(work.resolve("source")).resolve("large");
    for (int i = 0; i < mebibytes; i++) {
      append(file, random, PIECE);
    }
    Peer rsync = new Peer("rsync");
    boolean peer = rsync.isThere();
    Path copy = work.resolve("copy");
    Figures ours = new Figures();
    Figures sent = new Figures();
    Figures read = new Figures();
    Figures peers = new Figures();
    try (Following following = Following.start(launcher, work)) {
      Path onStandby = following.standby.resolve("large");
      for (int round = 0; round <= rounds; round++) {
        if (peer) {
          rsync.run("-a", following.source + "/", copy.toString());
        }
        following.tail.skip();
        long readBefore = following.bytesRead();
        long start = System.nanoTime();
        append(file, random, appended);
        long size = Files.size(file);
        double seconds = following.await(start, () -> Files.size(onStandby) == size);
        long bytesSent = following.tail.frameBytes();
        long bytesRead = following.bytesRead() - readBefore;
        double rsyncSeconds =
            peer
                ? rsync.run("-a", "--no-whole-file", following.source + "/", copy.toString())
                : Double.NaN;
        System.out.printf(
            "%s: %.2f MiB sent, at most %.1f MiB read, on the standby after %.2f s; rsync %.2f s,"
                + " ratio %.2f%n",
            round == 0 ? "warm-up" : "round " + round,
            bytesSent / 1024.0 / 1024,
            bytesRead / 1024.0 / 1024,
            seconds,
            rsyncSeconds,
            seconds / rsyncSeconds);
        if (round > 0) {
          ours.add(seconds);
          sent.add(bytesSent / 1024.0 / 1024);
          read.add(bytesRead / 1024.0 / 1024);
          peers.add(rsyncSeconds);
        }
      }
      Following.requireEqual(following.source, following.standby);
    }
    System.out.printf(
        "median of %d with %d KiB appended to %d MiB: %.2f MiB sent, at most %.1f MiB read, on the"
            + " standby after %.2f s; rsync %.2f s, ratio %.2f%n",
        rounds,
        appended / 1024,
        mebibytes,
        sent.median(),
        read.median(),
        ours.median(),
        peers.median(),
        ours.median() / peers.median());
  }

  private static void append(Path file, Random random, int bytes) throws IOException {
    byte[] body = new byte[bytes];
    random.nextBytes(body);
    try (OutputStream out =
        Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      out.write(body);
    }
  }
}
