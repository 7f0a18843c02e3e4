package dev.tidemark.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What each role takes while nothing changes: memory, and processor time in a minute. The roles run
 * as processes of their own against a broker, over a tree that is complete and idle; then {@code
 * up} alone, with a standby.
 *
 * <pre>bench/run footprint [FILES [SECONDS [WORK-FOLDER]]]</pre>
 */
final class Footprint {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  /** Until threads of the start have ended and the first heartbeats are through. */
  private static final Duration SETTLE = Duration.ofSeconds(30);

  private static final int FILES_PER_FOLDER = 100;
  private static final int FILE_BYTES = 4096;

  private final Path launcher;
  private final Path work;
  private final Duration span;

  private Footprint(Path launcher, Path work, Duration span) {
    this.launcher = launcher;
    this.work = work;
    this.span = span;
  }

  public static void main(String[] arguments) throws Exception {
    int files = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10_000;
    int seconds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 60;
    Path work =
        arguments.length > 3
            ? Files.createDirectories(Path.of(arguments[3])).toRealPath()
            : Files.createTempDirectory("tidemark-bench");
    Footprint footprint = new Footprint(Path.of(arguments[0]), work, Duration.ofSeconds(seconds));
    Path source = footprint.makeTree(files);
    System.out.printf("%,d files, %d s; idle:%n", files, seconds);
    footprint.measureRoles(source);
    footprint.measureUp(source);
  }

  private Path makeTree(int files) throws IOException {
    Path source = Files.createDirectory(work.resolve("source"));
    byte[] body = new byte[FILE_BYTES];
    for (int i = 0; i < files; i++) {
      Path folder = source.resolve("folder" + i / FILES_PER_FOLDER);
      if (i % FILES_PER_FOLDER == 0) {
        Files.createDirectory(folder);
      }
      body[i % FILE_BYTES]++;
      Files.write(folder.resolve("file" + i), body);
    }
    return source;
  }

  private void measureRoles(Path source) throws IOException, InterruptedException {
    Path brokerLog = log("broker");
    try (Product broker =
        Product.startJava(
            brokerLog, List.of("-Xmx512m"), BrokerProcess.class, work.resolve("broker"))) {
      broker.awaitOutput(brokerLog, "broker at ", LIMIT);
      String address = Files.readString(brokerLog).replaceAll("(?s).*broker at (\\S+)\\..*", "$1");
      try (Product topics =
          Product.start(
              launcher,
              log("topics"),
              List.of("topics", "create", "--bootstrap-server", address))) {
        topics.awaitSuccess(log("topics"));
      }
      Map<String, Product> roles = new LinkedHashMap<>();
      try {
        startRoles(source, address, roles);
        measure(roles);
      } finally {
        roles.values().forEach(Product::close);
      }
    }
  }

  private void startRoles(Path source, String address, Map<String, Product> roles)
      throws IOException, InterruptedException {
    String repository = work.resolve("repository").toString();
    List<String> toRepository = List.of("--repository", repository);
    start("store", List.of("store"), toRepository, address, roles)
        .awaitOutput(log("store"), "started: ", LIMIT);
    start("watch", List.of("watch", "bench=" + source), List.of(), address, roles)
        .awaitOutput(log("watch"), "ready: ", LIMIT);
    Path target = work.resolve("mirrored");
    List<String> mirror = List.of("mirror", "bench", "--to", target.toString());
    awaitFiles(target, source, start("mirror", mirror, toRepository, address, roles));
    List<String> member = List.of("member", "other=" + source, "--as", "writer");
    start("member", member, toRepository, address, roles)
        .awaitOutput(log("member"), "ready: ", LIMIT);
  }

  private Product start(
      String role,
      List<String> command,
      List<String> more,
      String address,
      Map<String, Product> roles)
      throws IOException {
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of("--bootstrap-server", address));
    all.addAll(List.of("--data", work.resolve(role + "-data").toString()));
    all.addAll(more);
    Product started = Product.start(launcher, log(role), all);
    roles.put(role, started);
    return started;
  }

  private void awaitFiles(Path target, Path source, Product mirror)
      throws IOException, InterruptedException {
    long bytes = Product.treeBytes(source);
    long start = System.nanoTime();
    while (!Files.exists(target) || Product.treeBytes(target) < bytes) {
      mirror.requireAlive(log("mirror"));
      if (System.nanoTime() - start > LIMIT.toNanos()) {
        throw new IOException("no copy at %s within %s; see %s".formatted(target, LIMIT, work));
      }
      Thread.sleep(Duration.ofMillis(500));
    }
  }

  private void measureUp(Path source) throws IOException, InterruptedException {
    try (Product product =
        Product.up(
            launcher,
            work.resolve("up-data"),
            log("up"),
            List.of("bench=" + source, "--standby", work.resolve("standby").toString()))) {
      product.awaitOutput(log("up"), "ready: tree bench", LIMIT);
      measure(Map.of("up", product));
    }
  }

  private void measure(Map<String, Product> roles) throws IOException, InterruptedException {
    Thread.sleep(SETTLE);
    List<Duration> before = roles.values().stream().map(Product::processorTime).toList();
    Thread.sleep(span);
    Iterator<Duration> used = before.iterator();
    for (Map.Entry<String, Product> each : roles.entrySet()) {
      Product product = each.getValue();
      product.requireAlive(log(each.getKey()));
      Duration idle = product.processorTime().minus(used.next());
      System.out.printf(
          "%-8s %4d MiB resident, %4d proportional, %4d at the peak; %.1f s of processor in a"
              + " minute%n",
          each.getKey(),
          product.residentBytes() >> 20,
          product.proportionalBytes() >> 20,
          product.peakResidentBytes() >> 20,
          idle.toMillis() / 1000.0 * 60 / span.toSeconds());
    }
    System.out.printf("(load %s)%n", StartUp.load());
  }

  private Path log(String name) {
    return work.resolve(name + ".log");
  }
}
