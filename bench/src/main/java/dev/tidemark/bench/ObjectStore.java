package dev.tidemark.bench;

import dev.tidemark.broker.EmbeddedBroker;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.RepositoryMissingException;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.testing.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A tree into a bucket and back, beside restic on the same S3 server, alternating. The first backup
 * counts from the start of the watcher until all is sealed, by a chunk-store that runs already;
 * into a folder, too, so that what the bucket costs can be told. The broker runs in this process.
 *
 * <pre>bench/run object-store TREE [ROUNDS [WORK-FOLDER]]</pre>
 */
final class ObjectStore {
  private static final TreeName TREE = new TreeName("bench");
  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final Duration GLANCE = Duration.ofMillis(100);

  private final Path launcher;
  private final Path tree;
  private final Path work;
  private final S3Server server;
  private final EmbeddedBroker broker;

  private ObjectStore(Path launcher, Path tree, Path work, S3Server server, EmbeddedBroker broker) {
    this.launcher = launcher;
    this.tree = tree;
    this.work = work;
    this.server = server;
    this.broker = broker;
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments.length < 2) {
      System.err.println("usage: bench/run object-store TREE [ROUNDS [WORK-FOLDER]]");
      System.exit(2);
    }
    Path launcher = Path.of(arguments[0]);
    Path tree = Path.of(arguments[1]).toRealPath();
    int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 3;
    Path work =
        arguments.length > 3
            ? Files.createDirectories(Path.of(arguments[3]))
            : Files.createTempDirectory("tidemark-bench");
    System.setProperty("aws.accessKeyId", S3Server.ACCESS_KEY);
    System.setProperty("aws.secretAccessKey", S3Server.SECRET_KEY);
    try (S3Server server = S3Server.start(Files.createDirectories(work.resolve("s3")));
        EmbeddedBroker broker = EmbeddedBroker.start(work.resolve("broker"))) {
      new ObjectStore(launcher, tree, work, server, broker).run(rounds);
    }
  }

  private void run(int rounds) throws IOException, InterruptedException {
    Figures intoFolder = new Figures();
    Figures intoBucket = new Figures();
    Figures restored = new Figures();
    Figures resticBackup = new Figures();
    Figures resticRestore = new Figures();
    boolean restic = new Peer("restic").isThere();
    double bytes = Product.treeBytes(tree);
    // The first round warms up the server and the page cache, and is not counted.
    for (int round = 0; round <= rounds; round++) {
      String bucket = server.url("round-" + round);
      double folderSeconds = backUp("f" + round, work.resolve("folder-" + round).toString());
      double bucketSeconds = backUp("b" + round, bucket);
      double restoreSeconds = restore(bucket);
      double resticBackupSeconds = 0;
      double resticRestoreSeconds = 0;
      if (restic) {
        restic(round, "init");
        resticBackupSeconds = restic(round, "backup", tree.toString());
        Path target = work.resolve("restic-restored");
        resticRestoreSeconds = restic(round, "restore", "latest", "--target", target.toString());
        Product.deleteTree(target);
      }
      System.out.printf(
          "%s: sealed into folder %.2f s, into bucket %.2f s, restic backup %.2f s;"
              + " restore %.2f s, restic restore %.2f s%n",
          round == 0 ? "warm-up" : "round " + round,
          folderSeconds,
          bucketSeconds,
          resticBackupSeconds,
          restoreSeconds,
          resticRestoreSeconds);
      if (round > 0) {
        intoFolder.add(folderSeconds);
        intoBucket.add(bucketSeconds);
        restored.add(restoreSeconds);
        resticBackup.add(resticBackupSeconds);
        resticRestore.add(resticRestoreSeconds);
      }
    }
    System.out.printf(
        "median of %d: sealed into folder %.2f s (%.0f MB/s), into bucket %.2f s (%.0f MB/s, ratio"
            + " to folder %.2f)%n",
        rounds,
        intoFolder.median(),
        bytes / intoFolder.median() / 1e6,
        intoBucket.median(),
        bytes / intoBucket.median() / 1e6,
        intoBucket.median() / intoFolder.median());
    System.out.printf("restore from bucket %.2f s%n", restored.median());
    if (restic) {
      System.out.printf(
          "restic: backup %.2f s, ratio %.2f; restore %.2f s, ratio %.2f%n",
          resticBackup.median(),
          intoBucket.median() / resticBackup.median(),
          resticRestore.median(),
          restored.median() / resticRestore.median());
    }
  }

  /** Seconds from the watcher's start until the tree is sealed; topics and repository are new. */
  private double backUp(String name, String repository) throws IOException, InterruptedException {
    Path log = work.resolve(name + ".log");
    List<String> where =
        List.of("--bootstrap-server", broker.bootstrapServers(), "--topic-prefix", name + ".");
    Path topicsLog = work.resolve(name + "-topics.log");
    try (Product topics = role(topicsLog, List.of("topics", "create"), where)) {
      topics.awaitSuccess(topicsLog);
    }
    try (Product store =
        role(
            log,
            List.of("store", "--repository", repository, "--data", data(name + "-store")),
            where)) {
      store.awaitOutput(log, "started: ", LIMIT);
      Path watchLog = work.resolve(name + "-watch.log");
      long start = System.nanoTime();
      try (Product watch =
          role(
              watchLog,
              List.of("watch", TREE + "=" + tree, "--data", data(name + "-watch")),
              where)) {
        while (!isSealed(repository)) {
          store.requireAlive(log);
          watch.requireAlive(watchLog);
          if (System.nanoTime() - start > LIMIT.toNanos()) {
            throw new IOException("not sealed after %s; see %s".formatted(LIMIT, log));
          }
          Thread.sleep(GLANCE);
        }
        return (System.nanoTime() - start) / 1e9;
      }
    }
  }

  private String data(String name) {
    return work.resolve(name).toString();
  }

  private Product role(Path log, List<String> command, List<String> where) throws IOException {
    List<String> all = new java.util.ArrayList<>(command);
    all.addAll(where);
    return Product.start(launcher, log, all);
  }

  private static boolean isSealed(String url) throws IOException {
    try (BlobStore store = Repository.openStore(url)) {
      return Repository.open(store)
          .log(TREE)
          .resumePoint()
          .map(cursor -> cursor.scanCompleted() > 0)
          .orElse(false);
    } catch (RepositoryMissingException notYet) {
      return false;
    }
  }

  private double restore(String repository) throws IOException, InterruptedException {
    Path target = work.resolve("restored");
    Path log = work.resolve("restore.log");
    Product.deleteTree(target);
    long start = System.nanoTime();
    try (Product restore =
        role(
            log,
            List.of("restore", TREE.value(), "--to", target.toString(), "--repository", repository),
            List.of())) {
      restore.awaitSuccess(log);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    Product.deleteTree(target);
    return seconds;
  }

  private double restic(int round, String... arguments) throws IOException, InterruptedException {
    Path log = work.resolve("restic.log");
    ProcessBuilder builder =
        new ProcessBuilder().redirectErrorStream(true).redirectOutput(log.toFile());
    builder.command().add("restic");
    builder.command().addAll(List.of(arguments));
    builder
        .environment()
        .putAll(
            Map.of(
                "RESTIC_REPOSITORY",
                "s3:%s/%s/restic-%d".formatted(server.endpoint(), S3Server.BUCKET, round),
                "RESTIC_PASSWORD",
                "benchmark",
                "RESTIC_CACHE_DIR",
                work.resolve("restic-cache").toString()));
    builder.environment().putAll(S3Server.environment());
    long start = System.nanoTime();
    int code = builder.start().waitFor();
    if (code != 0) {
      throw new IOException("restic ended with %d; see %s".formatted(code, log));
    }
    return (System.nanoTime() - start) / 1e9;
  }
}
