package dev.tidemark.bench;

import dev.tidemark.filesystem.linux.Descriptor;
import dev.tidemark.filesystem.linux.Inotify;
import dev.tidemark.filesystem.linux.InotifyEvent;
import dev.tidemark.filesystem.linux.LinuxFiles;
import dev.tidemark.filesystem.linux.NativePath;
import dev.tidemark.filesystem.linux.WatchMask;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * From the close of a saved file to its being visible under its name on the standby, at a steady
 * rate of saves.
 *
 * <pre>bench/run save-latency [SAVES-PER-SECOND [SECONDS [BYTES [WORK-FOLDER]]]]</pre>
 *
 * The clock of each file starts before its close and stops when the standby's directory reports the
 * name; every file's content is compared at the end.
 */
final class SaveLatency {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int WARM_UP_SECONDS = 10;

  private final Map<String, Long> seenAt = new ConcurrentHashMap<>();
  private final Path source;
  private final Path standby;
  private final byte[] body;
  private final Random random = new Random(42);
  private volatile boolean done;

  private SaveLatency(Path source, Path standby, int bytes) {
    this.source = source;
    this.standby = standby;
    this.body = new byte[bytes];
  }

  public static void main(String[] arguments) throws Exception {
    Path launcher = Path.of(arguments[0]);
    int rate = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 100;
    int seconds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 20;
    int bytes = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 8192;
    Path work =
        arguments.length > 4
            ? Files.createDirectories(Path.of(arguments[4]))
            : Files.createTempDirectory("tidemark-bench");
    Path source = Files.createDirectories(work.resolve("source"));
    Path standby = Files.createDirectories(work.resolve("standby"));
    Path log = work.resolve("tidemark.log");
    var bench = new SaveLatency(source, standby, bytes);
    try (Product product =
            Product.up(
                launcher,
                work.resolve("data"),
                log,
                List.of("bench=" + source, "--standby", standby.toString()));
        Inotify inotify = Inotify.open();
        Descriptor watched = LinuxFiles.openRoot(NativePath.of(standby))) {
      bench.awaitFirstMirror(product, log);
      inotify.addWatch(watched, new WatchMask(WatchMask.MOVED_TO));
      Thread events = Thread.ofPlatform().name("standby-events").start(() -> bench.note(inotify));
      Figures figures;
      try {
        bench.save(rate, WARM_UP_SECONDS, "warm-");
        figures = bench.save(rate, seconds, "save-");
        product.requireAlive(log);
      } finally {
        bench.done = true;
        inotify.wake();
        events.join();
      }
      System.out.printf(
          "%d saves of %d bytes at %d/s: p50 %.1f ms, p90 %.1f ms, p99 %.1f ms, max %.1f ms%n",
          figures.count(),
          bytes,
          rate,
          figures.median(),
          figures.quantile(0.9),
          figures.quantile(0.99),
          figures.max());
    }
  }

  private void awaitFirstMirror(Product product, Path log)
      throws IOException, InterruptedException {
    Files.writeString(source.resolve("first"), "first");
    long start = System.nanoTime();
    while (!Files.exists(standby.resolve("first"))) {
      product.requireAlive(log);
      if (System.nanoTime() - start > PATIENCE.toNanos()) {
        throw new IOException("the standby stays empty; see " + log);
      }
      Thread.sleep(20);
    }
  }

  private void note(Inotify inotify) {
    List<InotifyEvent> events = new ArrayList<>();
    try {
      while (!done) {
        events.clear();
        inotify.read(events);
        long now = System.nanoTime();
        for (InotifyEvent event : events) {
          seenAt.put(new String(event.name(), StandardCharsets.UTF_8), now);
        }
      }
    } catch (IOException e) {
      System.err.println("watching the standby ended: " + e.getMessage());
    }
  }

  private Figures save(int rate, int seconds, String prefix)
      throws IOException, InterruptedException {
    long[] startedAt = new long[rate * seconds];
    long first = System.nanoTime();
    for (int i = 0; i < startedAt.length; i++) {
      long due = first + i * 1_000_000_000L / rate;
      LockSupport.parkNanos(due - System.nanoTime());
      startedAt[i] = write(prefix + i, i);
    }
    Figures figures = new Figures();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    for (int i = 0; i < startedAt.length; i++) {
      String name = prefix + i;
      while (!seenAt.containsKey(name)) {
        if (System.nanoTime() > deadline) {
          throw new IOException(name + " never came to the standby");
        }
        Thread.sleep(1);
      }
      figures.add((seenAt.get(name) - startedAt[i]) / 1e6);
      if (!Arrays.equals(
          Files.readAllBytes(source.resolve(name)), Files.readAllBytes(standby.resolve(name)))) {
        throw new IOException(name + " differs on the standby");
      }
    }
    return figures;
  }

  /** Returns the instant before the close. */
  private long write(String name, int number) throws IOException {
    random.nextBytes(body);
    try (var out = Files.newOutputStream(source.resolve(name))) {
      out.write(body);
      return System.nanoTime();
    }
  }
}
