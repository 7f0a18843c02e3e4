package dev.tidemark.bench;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Tidemark beside other programs that keep a standby directory: lsyncd without delay, a loop of
 * inotifywait and rsync, and syncthing. Each starts anew in each round, in turn; measured are
 *
 * <ul>
 *   <li>saves of 8 KiB files at 100/s: from the close to the name on the standby;
 *   <li>a burst of 10,000 files that tar extracts, until all are equal on the standby;
 *   <li>a rename of their directory, until it is on the standby and the old name is not;
 *   <li>one byte changed in the middle of a file of 1 GiB.
 * </ul>
 *
 * One {@code rsync} by hand, which is told when and where, stands beside the last three. With a
 * tree, only the saves are measured, in a directory that has a copy of that tree beside the files.
 *
 * <pre>bench/run followers [ROUNDS [NAME,NAME... [WORK-FOLDER [TREE]]]]</pre>
 */
final class Followers {
  private static final int BYTES = 8192;
  private static final int RATE = 100;
  private static final int WARM_UP_SECONDS = 8;
  private static final int SECONDS = 10;
  private static final int FILES = 10_000;
  private static final int LARGE_MEBIBYTES = 1024;

  private final Path launcher;
  private final Path work;
  private final Random random = new Random(1);
  private final Map<Follower.Kind, Map<Step, Figures>> measured =
      new EnumMap<>(Follower.Kind.class);
  private final Map<Step, Figures> rsync = new EnumMap<>(Step.class);

  private Followers(Path launcher, Path work) {
    this.launcher = launcher;
    this.work = work;
  }

  private enum Step {
    P50("saves p50 ms"),
    P99("saves p99 ms"),
    BURST("burst s"),
    RENAME("rename s"),
    BYTE("1 byte in 1 GiB s");

    private final String title;

    Step(String title) {
      this.title = title;
    }
  }

  public static void main(String[] arguments) throws Exception {
    Path launcher = Path.of(arguments[0]);
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 3;
    List<Follower.Kind> kinds = kinds(arguments.length > 2 ? arguments[2] : "all");
    Path work =
        arguments.length > 3
            ? Files.createDirectories(Path.of(arguments[3]))
            : Files.createTempDirectory("tidemark-bench");
    Followers bench = new Followers(launcher, work);
    for (int round = 1; round <= rounds; round++) {
      for (Follower.Kind kind : kinds) {
        if (arguments.length > 4) {
          bench.besideTree(kind, Path.of(arguments[4]));
        } else {
          bench.allSteps(kind);
        }
        bench.report("round " + round + " " + name(kind), kind, Figures::last);
      }
    }
    System.out.printf("median of %d:%n", rounds);
    kinds.forEach(kind -> bench.report(name(kind), kind, Figures::median));
    bench.print("rsync once", bench.rsync, Figures::median);
  }

  private static List<Follower.Kind> kinds(String names) {
    return Arrays.stream(Follower.Kind.values())
        .filter(kind -> names.equals("all") || List.of(names.split(",")).contains(name(kind)))
        .filter(Follower.Kind::isThere)
        .toList();
  }

  private static String name(Follower.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private void allSteps(Follower.Kind kind) throws IOException, InterruptedException {
    Path own = Files.createDirectories(work.resolve(name(kind)));
    Path archive = archive(own);
    try (Follower follower = Follower.start(kind, launcher, own)) {
      saves(kind, follower);
      burst(kind, follower, archive);
      rename(kind, follower);
      oneByte(kind, follower);
    }
    Product.deleteTree(own);
  }

  private void besideTree(Follower.Kind kind, Path tree) throws IOException, InterruptedException {
    Path own = Files.createDirectories(work.resolve(name(kind)));
    new Peer("cp")
        .run("-a", tree.toString(), Files.createDirectories(own.resolve("source")) + "/tree");
    try (Follower follower = Follower.start(kind, launcher, own)) {
      saves(kind, follower);
    }
    Product.deleteTree(own);
  }

  private void saves(Follower.Kind kind, Follower follower)
      throws IOException, InterruptedException {
    try (LatencyProbe probe = LatencyProbe.open(follower.source, follower.standby, BYTES)) {
      probe.save(RATE, WARM_UP_SECONDS, "warm-");
      Figures figures = probe.save(RATE, SECONDS, "save-");
      add(kind, Step.P50, figures.median());
      add(kind, Step.P99, figures.quantile(0.99));
    } catch (IOException e) {
      throw new IOException("%s: %s; see %s".formatted(kind, e.getMessage(), follower.log()), e);
    }
  }

  private Path archive(Path own) throws IOException, InterruptedException {
    byte[] body = new byte[BYTES];
    Path made = Files.createDirectory(own.resolve("files"));
    for (int i = 0; i < FILES; i++) {
      random.nextBytes(body);
      Files.write(made.resolve("f" + i), body);
    }
    Path archive = own.resolve("files.tar");
    new Peer("tar").run("cf", archive.toString(), "-C", own.toString(), "files");
    Product.deleteTree(made);
    return archive;
  }

  private void burst(Follower.Kind kind, Follower follower, Path archive)
      throws IOException, InterruptedException {
    Path there = follower.source.resolve("files");
    Path onStandby = follower.standby.resolve("files");
    long start = System.nanoTime();
    new Peer("tar").run("xf", archive.toString(), "-C", follower.source.toString());
    add(kind, Step.BURST, follower.await(start, () -> isWhole(onStandby)));
    Following.requireEqual(there, onStandby);
    once(Step.BURST, follower, "-a");
  }

  private void rename(Follower.Kind kind, Follower follower)
      throws IOException, InterruptedException {
    Path old = follower.standby.resolve("files");
    Path renamed = follower.standby.resolve("renamed");
    long start = System.nanoTime();
    Files.move(follower.source.resolve("files"), follower.source.resolve("renamed"));
    add(kind, Step.RENAME, follower.await(start, () -> isWhole(renamed) && !Files.exists(old)));
    once(Step.RENAME, follower, "-a", "--delete");
  }

  private void oneByte(Follower.Kind kind, Follower follower)
      throws IOException, InterruptedException {
    Path large = follower.source.resolve("large");
    Path onStandby = follower.standby.resolve("large");
    byte[] piece = new byte[1 << 20];
    try (var out = Files.newOutputStream(large)) {
      for (int i = 0; i < LARGE_MEBIBYTES; i++) {
        random.nextBytes(piece);
        out.write(piece);
      }
    }
    long begun = System.nanoTime();
    follower.await(
        begun, () -> Files.exists(onStandby) && Files.size(onStandby) == Files.size(large));
    follower.await(begun, () -> Files.mismatch(large, onStandby) == -1);
    if (new Peer("rsync").isThere()) {
      new Peer("rsync").run("-a", follower.source + "/", copyOf(follower));
    }
    long position = Files.size(large) / 2;
    byte changed;
    long start;
    try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
      file.seek(position);
      changed = (byte) ~file.readByte();
      file.seek(position);
      start = System.nanoTime();
      file.write(changed);
    }
    add(kind, Step.BYTE, follower.await(start, () -> hasByte(onStandby, position, changed)));
    if (Files.mismatch(large, onStandby) != -1) {
      throw new IOException(onStandby + " differs from " + large);
    }
    once(Step.BYTE, follower, "-a", "--no-whole-file");
  }

  private static boolean hasByte(Path path, long position, byte wanted) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      file.seek(position);
      return file.readByte() == wanted;
    } catch (FileNotFoundException beingReplaced) {
      // Under syncthing the name was seen to be gone for a moment.
      return false;
    }
  }

  /**
   * All names are there; those under which files are written do not count, and begin with a dot.
   */
  private static boolean isWhole(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return false;
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> !file.getFileName().toString().startsWith(".")).count() == FILES;
    }
  }

  /** The same by one rsync, into a copy of its own. */
  private void once(Step step, Follower follower, String... options)
      throws IOException, InterruptedException {
    Peer peer = new Peer("rsync");
    if (peer.isThere()) {
      List<String> all = new ArrayList<>(List.of(options));
      all.addAll(List.of(follower.source + "/", copyOf(follower)));
      rsync.computeIfAbsent(step, _ -> new Figures()).add(peer.run(all.toArray(String[]::new)));
    }
  }

  private static String copyOf(Follower follower) {
    return follower.source.resolveSibling("copy").toString();
  }

  private void add(Follower.Kind kind, Step step, double value) {
    measured
        .computeIfAbsent(kind, _ -> new EnumMap<>(Step.class))
        .computeIfAbsent(step, _ -> new Figures())
        .add(value);
  }

  private void report(String title, Follower.Kind kind, Function<Figures, Double> which) {
    print(title, measured.getOrDefault(kind, Map.of()), which);
  }

  private void print(String title, Map<Step, Figures> figures, Function<Figures, Double> which) {
    StringBuilder line = new StringBuilder("%-22s".formatted(title));
    figures.forEach(
        (step, values) -> line.append("  %s %.2f".formatted(step.title, which.apply(values))));
    System.out.println(line);
  }
}
