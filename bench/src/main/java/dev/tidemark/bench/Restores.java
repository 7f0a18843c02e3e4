package dev.tidemark.bench;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.PutOutcome;
import dev.tidemark.repository.history.History.Pace;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.testing.S3Server;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A tree out of a repository: all of it into an empty directory; into one in which since then one
 * file of a hundred was edited, removed or added; and a single file of its midst. Beside {@code
 * restic restore}, {@code borg extract} and {@code rsync} from the tree itself; then a large file
 * of random bytes; then the tree out of a bucket, beside restic on the same server. Each is a
 * process started anew, as a user does, in turn.
 *
 * <pre>bench/run restores TREE [ROUNDS [WORK-FOLDER [LARGE-MIB]]]</pre>
 */
final class Restores {
  private static final String NAME = "bench";
  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final int ONE_OF = 100;
  private static final int PIECE = 1 << 20;

  private final Path launcher;
  private final Path work;
  private final int rounds;

  private Restores(Path launcher, Path work, int rounds) {
    this.launcher = launcher;
    this.work = work;
    this.rounds = rounds;
  }

  private enum Step {
    FULL("full"),
    CHANGED("1 % changed"),
    ONE("one file");

    private final String title;

    Step(String title) {
      this.title = title;
    }
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments.length < 2) {
      System.err.println("usage: bench/run restores TREE [ROUNDS [WORK-FOLDER [LARGE-MIB]]]");
      System.exit(2);
    }
    Path tree = Path.of(arguments[1]).toRealPath();
    int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 3;
    Path work =
        arguments.length > 3
            ? Files.createDirectories(Path.of(arguments[3]))
            : Files.createTempDirectory("tidemark-bench");
    int largeMebibytes = arguments.length > 4 ? Integer.parseInt(arguments[4]) : 1024;
    Restores restores = new Restores(Path.of(arguments[0]), work.toRealPath(), rounds);
    restores.compare("tree", tree, restores.peers("tree", tree));
    restores.compareBuckets(tree);
    if (largeMebibytes > 0) {
      Path large = restores.largeFile(largeMebibytes);
      restores.compare("large file", large, restores.peers("large", large));
    }
  }

  private Map<String, Restorer> peers(String name, Path tree)
      throws IOException, InterruptedException {
    Path folder = Files.createDirectory(work.resolve(name));
    Map<String, Restorer> restorers = new LinkedHashMap<>();
    backUp(launcher, folder, tree);
    String repository = folder.resolve("data/repository").toString();
    restorers.put(
        "tidemark", new Restorer.Tidemark(launcher, NAME, repository, folder.resolve("log")));
    if (new Peer("restic").isThere()) {
      String restic = folder.resolve("restic").toString();
      restorers.put(
          "restic", new Restorer.Restic(tree, restic, folder.resolve("restic-cache")).backUp());
    }
    if (new Peer("borg").isThere()) {
      Path borg = folder.resolve("borg");
      restorers.put("borg", new Restorer.Borg(tree, borg, folder.resolve("borg-base")).backUp());
    }
    if (new Peer("rsync").isThere()) {
      restorers.put("rsync", new Restorer.Rsync(tree));
    }
    return restorers;
  }

  private void compareBuckets(Path tree) throws IOException, InterruptedException {
    System.setProperty("aws.accessKeyId", S3Server.ACCESS_KEY);
    System.setProperty("aws.secretAccessKey", S3Server.SECRET_KEY);
    try (S3Server server = S3Server.start(Files.createDirectory(work.resolve("s3")))) {
      String url = server.url("tidemark");
      copy(work.resolve("tree/data/repository").toString(), url);
      Map<String, Restorer> restorers = new LinkedHashMap<>();
      restorers.put(
          "tidemark", new Restorer.Tidemark(launcher, NAME, url, work.resolve("bucket.log")));
      if (new Peer("restic").isThere()) {
        String restic = "s3:%s/%s/restic".formatted(server.endpoint(), S3Server.BUCKET);
        restorers.put(
            "restic", new Restorer.Restic(tree, restic, work.resolve("restic-cache")).backUp());
      }
      compare("tree out of a bucket", tree, restorers);
    }
  }

  /** The same blobs elsewhere are the same repository. */
  private static void copy(String from, String to) throws IOException {
    try (BlobStore source = Repository.openStore(from);
        BlobStore target = Repository.openStore(to)) {
      List<BlobName> names = new ArrayList<>();
      source.list("", status -> names.add(status.name()));
      for (BlobName name : names) {
        if (target.put(name, source.get(name)) instanceof PutOutcome.Unknown(String reason)) {
          throw new IOException("%s is not known to be copied: %s".formatted(name, reason));
        }
      }
    }
  }

  private Path largeFile(int mebibytes) throws IOException {
    Path folder = Files.createDirectory(work.resolve("large-source"));
    Random random = new Random(1);
    byte[] piece = new byte[PIECE];
    try (OutputStream out = Files.newOutputStream(folder.resolve("random"))) {
      for (int i = 0; i < mebibytes; i++) {
        random.nextBytes(piece);
        out.write(piece);
      }
    }
    return folder;
  }

  private void compare(String title, Path tree, Map<String, Restorer> restorers)
      throws IOException, InterruptedException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(tree)) {
      files = all.filter(Files::isRegularFile).map(tree::relativize).sorted().toList();
    }
    Map<String, Map<Step, Figures>> measured = new LinkedHashMap<>();
    // The first use of memory and of the page cache is slow: one round of each is not counted.
    for (int round = 0; round <= rounds; round++) {
      for (Map.Entry<String, Restorer> each : restorers.entrySet()) {
        Map<Step, Double> seconds = measure(tree, files, each.getValue());
        System.out.println(
            (round == 0 ? "warm-up " : "round " + round + " ")
                + each.getKey()
                + seconds.entrySet().stream()
                    .map(step -> ", %s %.2f s".formatted(step.getKey().title, step.getValue()))
                    .collect(Collectors.joining()));
        if (round > 0) {
          Map<Step, Figures> figures =
              measured.computeIfAbsent(each.getKey(), _ -> new EnumMap<>(Step.class));
          seconds.forEach(
              (step, value) -> figures.computeIfAbsent(step, _ -> new Figures()).add(value));
        }
      }
    }
    System.out.printf("%s, %,d files, median of %d:%n", title, files.size(), rounds);
    Map<Step, Figures> ours = Objects.requireNonNull(measured.get("tidemark"));
    measured.forEach((name, figures) -> report(name, figures, ours));
  }

  private static void report(String name, Map<Step, Figures> figures, Map<Step, Figures> ours) {
    StringBuilder line = new StringBuilder("%-10s".formatted(name));
    figures.forEach(
        (step, peer) -> {
          double ratio = Objects.requireNonNull(ours.get(step)).median() / peer.median();
          line.append("  %s %.2f s (ratio %.2f)".formatted(step.title, peer.median(), ratio));
        });
    System.out.println(line);
  }

  private Map<Step, Double> measure(Path tree, List<Path> files, Restorer restorer)
      throws IOException, InterruptedException {
    Path target = Files.createDirectory(work.resolve("target"));
    Map<Step, Double> seconds = new EnumMap<>(Step.class);
    seconds.put(Step.FULL, timed(() -> restorer.all(target)));
    Path root = restorer.root(target);
    requireEqual(tree, files, root, 1);
    if (files.size() > 1) {
      change(files, root);
      seconds.put(Step.CHANGED, timed(() -> restorer.all(target)));
      requireEqual(tree, files, root, ONE_OF / 2);
      Product.deleteTree(target);
      Files.createDirectory(target);
      Path one = files.get(files.size() / 2);
      seconds.put(Step.ONE, timed(() -> restorer.one(one, target)));
      if (Files.mismatch(tree.resolve(one), restorer.root(target).resolve(one)) != -1) {
        throw new IOException(one + " was restored wrongly into " + target);
      }
    }
    Product.deleteTree(target);
    return seconds;
  }

  private interface Action {
    void run() throws IOException, InterruptedException;
  }

  private static double timed(Action action) throws IOException, InterruptedException {
    long start = System.nanoTime();
    action.run();
    return (System.nanoTime() - start) / 1e9;
  }

  /** Every so manieth file must have the tree's bytes. */
  private static void requireEqual(Path tree, List<Path> files, Path root, int step)
      throws IOException {
    for (int i = 0; i < files.size(); i += step) {
      Path file = root.resolve(files.get(i));
      if (Files.mismatch(tree.resolve(files.get(i)), file) != -1) {
        throw new IOException(file + " was restored wrongly");
      }
    }
  }

  private static void change(List<Path> files, Path root) throws IOException {
    // restic 0.14 fails where a symlink stands already: so none stands for any of them.
    try (Stream<Path> all = Files.walk(root)) {
      for (Path link : all.filter(Files::isSymbolicLink).toList()) {
        Files.delete(link);
      }
    }
    for (int i = 0; i < files.size(); i += ONE_OF) {
      Path file = root.resolve(files.get(i));
      switch (i / ONE_OF % 3) {
        case 0 -> Files.writeString(file, "another line\n", StandardOpenOption.APPEND);
        case 1 -> Files.delete(file);
        default -> Files.writeString(file.resolveSibling("added-" + i), "extra\n");
      }
    }
  }

  /** Makes {@code data/repository} in the folder, which holds the tree under the name bench. */
  static void backUp(Path launcher, Path folder, Path tree)
      throws IOException, InterruptedException {
    Path data = folder.resolve("data");
    Path log = folder.resolve("up.log");
    long start = System.nanoTime();
    try (Product product = Product.up(launcher, data, log, List.of(NAME + "=" + tree))) {
      product.awaitOutput(log, "ready: tree " + NAME, LIMIT);
      while (!isSealed(data.resolve("repository"))) {
        product.requireAlive(log);
        if (System.nanoTime() - start > LIMIT.toNanos()) {
          throw new IOException("not sealed after %s; see %s".formatted(LIMIT, log));
        }
        Thread.sleep(Duration.ofMillis(200));
      }
    }
    // As the product does a moment later, if one is due by then.
    try (Repository opened = Repository.open(Repository.openStore(data + "/repository"))) {
      opened.history(new TreeName(NAME)).snapshotIfDue(Pace.AT_REST);
    }
  }

  private static boolean isSealed(Path repository) throws IOException {
    try (Repository opened = Repository.open(Repository.openStore(repository.toString()))) {
      TreeName tree = new TreeName(NAME);
      return opened.log(tree).resumePoint().map(cursor -> cursor.scanCompleted() > 0).orElse(false);
    }
  }
}
