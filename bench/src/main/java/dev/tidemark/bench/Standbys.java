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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Many standbys of one tree, each a process of its own with a small heap: how late they are while
 * files are saved at a steady rate, and what each one costs the broker and the watcher. With all of
 * them running one is stopped, and another given a tenth of its time, to see that they delay
 * nobody.
 *
 * <pre>bench/run standbys [COUNT [SAVES-PER-SECOND [SECONDS [WORK-FOLDER]]]]</pre>
 *
 * The clock of each file starts before its close and stops when a standby's directory reports the
 * name.
 */
final class Standbys {
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final int WARM_UP_SECONDS = 10;
  private static final int FILE_BYTES = 8192;
  private static final List<String> SMALL =
      List.of("-XX:-UseParallelGC", "-XX:+UseSerialGC", "-Xms16m", "-Xmx64m");

  private final Path launcher;
  private final Path work;
  private final Path source;
  private final List<Product> mirrors = new ArrayList<>();
  private final Inotify inotify = Inotify.open();
  private final Map<Integer, Integer> standbyOfWatch = new HashMap<>();
  private final Random random = new Random(42);
  private volatile boolean done;
  private volatile Saves saves = new Saves(0, 0);

  private Standbys(Path launcher, Path work) throws IOException {
    this.launcher = launcher;
    this.work = work;
    this.source = Files.createDirectories(work.resolve("source"));
  }

  /** The files of one phase: when each was saved, and when each standby had it. */
  private static final class Saves {
    private final int count;
    private final AtomicLongArray savedAt;
    private final AtomicLongArray seenAt;

    Saves(int count, int standbys) {
      this.count = count;
      this.savedAt = new AtomicLongArray(count);
      this.seenAt = new AtomicLongArray(count * standbys);
    }

    void seen(int file, int standby, long now) {
      int at = standby * count + file;
      if (at < seenAt.length()) {
        seenAt.compareAndSet(at, 0, now);
      }
    }

    /** Milliseconds of one standby's files, those that it has. */
    void addTo(Figures figures, int standby) {
      for (int file = 0; file < count; file++) {
        long seen = seenAt.get(standby * count + file);
        if (seen != 0) {
          figures.add((seen - savedAt.get(file)) / 1e6);
        }
      }
    }

    int missing(int standby) {
      int missing = 0;
      for (int file = 0; file < count; file++) {
        missing += seenAt.get(standby * count + file) == 0 ? 1 : 0;
      }
      return missing;
    }
  }

  public static void main(String[] arguments) throws Exception {
    Path launcher = Path.of(arguments[0]);
    int count = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 26;
    int rate = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 50;
    int seconds = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 20;
    Path work =
        arguments.length > 4
            ? Files.createDirectories(Path.of(arguments[4]))
            : Files.createTempDirectory("tidemark-bench");
    new Standbys(launcher, work).run(count, rate, seconds);
  }

  private void run(int count, int rate, int seconds) throws Exception {
    Path brokerLog = work.resolve("broker.log");
    try (Product broker =
        Product.startJava(
            brokerLog, List.of("-Xmx512m"), BrokerProcess.class, work.resolve("broker"))) {
      broker.awaitOutput(brokerLog, "broker at ", LIMIT);
      String address = Files.readString(brokerLog).replaceAll("(?s).*broker at (\\S+)\\..*", "$1");
      try (Product topics = role("topics", List.of("topics", "create"), address)) {
        topics.awaitSuccess(log("topics"));
      }
      try (Product store = role("store", List.of("store", "--repository", repository()), address);
          Product watcher = role("watch", List.of("watch", "bench=" + source), address)) {
        store.awaitOutput(log("store"), "started: ", LIMIT);
        watcher.awaitOutput(log("watch"), "ready: ", LIMIT);
        Thread events = Thread.ofPlatform().name("standby-events").start(this::note);
        try {
          measure(count, rate, seconds, address, broker, watcher);
          show(address);
        } finally {
          done = true;
          inotify.wake();
          events.join();
          mirrors.forEach(Product::close);
        }
      }
    }
  }

  private void measure(
      int count, int rate, int seconds, String address, Product broker, Product watcher)
      throws Exception {
    List<Integer> steps = List.of(0, 1, count / 2, count);
    for (int step : steps) {
      while (mirrors.size() < step) {
        start(mirrors.size(), address);
      }
      save("warm-" + step + "-", rate, WARM_UP_SECONDS);
      phase(step + " standbys", rate, seconds, broker, watcher, List.of());
    }
    mirrors.get(0).signal("STOP");
    Thread slow = slowDown(mirrors.get(1));
    phase("one stopped, one slow", rate, seconds, broker, watcher, List.of(0, 1));
    done = true;
    slow.join();
    mirrors.get(0).signal("CONT");
  }

  private void start(int number, String address) throws IOException, InterruptedException {
    String name = "standby%02d".formatted(number);
    Path target = Files.createDirectories(work.resolve(name));
    List<String> command =
        List.of(
            "mirror",
            "bench",
            "--to",
            target.toString(),
            "--name",
            name,
            "--repository",
            repository());
    mirrors.add(
        Product.start(launcher, log(name), with(command, name, address), String.join(" ", SMALL)));
    mirrors.getLast().awaitOutput(log(name), "started: ", LIMIT);
    try (Descriptor watched = LinuxFiles.openRoot(NativePath.of(target))) {
      synchronized (standbyOfWatch) {
        standbyOfWatch.put(inotify.addWatch(watched, new WatchMask(WatchMask.MOVED_TO)), number);
      }
    }
  }

  /** Runs for a tenth of the time. */
  private Thread slowDown(Product mirror) {
    return Thread.ofPlatform()
        .name("slow-standby")
        .start(
            () -> {
              try {
                while (!done) {
                  mirror.signal("STOP");
                  Thread.sleep(90);
                  mirror.signal("CONT");
                  Thread.sleep(10);
                }
              } catch (IOException | InterruptedException e) {
                System.err.println("slowing down ended: " + e);
              }
            });
  }

  private void phase(
      String what, int rate, int seconds, Product broker, Product watcher, List<Integer> left)
      throws Exception {
    Duration brokerBefore = broker.processorTime();
    Duration watcherBefore = watcher.processorTime();
    Duration mirrorsBefore = mirrorTime(left);
    Saves phase = save(what.replace(' ', '-') + "-", rate, seconds);
    double mirrorShare =
        mirrorTime(left).minus(mirrorsBefore).toMillis()
            / 10.0
            / seconds
            / Math.max(1, mirrors.size() - left.size());
    double brokerShare = broker.processorTime().minus(brokerBefore).toMillis() / 10.0 / seconds;
    double watcherShare = watcher.processorTime().minus(watcherBefore).toMillis() / 10.0 / seconds;
    Figures figures = new Figures();
    int missing = 0;
    long resident = 0;
    for (int standby = 0; standby < mirrors.size(); standby++) {
      resident += mirrors.get(standby).residentBytes();
      if (!left.contains(standby)) {
        phase.addTo(figures, standby);
        missing += phase.missing(standby);
      }
    }
    System.out.printf(
        "%-22s %s broker %.1f %% of a processor, watcher %.1f %%, a standby %.1f %%, which holds %d"
            + " MiB%n",
        what + ":",
        figures.count() == 0
            ? ""
            : "p50 %.0f ms, p90 %.0f ms, p99 %.0f ms, max %.0f ms, %d not there 5 s after the last save;"
                .formatted(
                    figures.median(),
                    figures.quantile(0.9),
                    figures.quantile(0.99),
                    figures.max(),
                    missing),
        brokerShare,
        watcherShare,
        mirrorShare,
        mirrors.isEmpty() ? 0 : (resident / mirrors.size()) >> 20);
  }

  private Duration mirrorTime(List<Integer> left) {
    Duration sum = Duration.ZERO;
    for (int standby = 0; standby < mirrors.size(); standby++) {
      sum = left.contains(standby) ? sum : sum.plus(mirrors.get(standby).processorTime());
    }
    return sum;
  }

  /** Saves files at a rate, then waits until all standbys have them, at most 5 s. */
  private Saves save(String prefix, int rate, int seconds) throws Exception {
    Saves phase = new Saves(rate * seconds, mirrors.size());
    saves = phase;
    byte[] body = new byte[FILE_BYTES];
    long first = System.nanoTime();
    for (int i = 0; i < phase.count; i++) {
      long due = first + i * 1_000_000_000L / rate;
      LockSupport.parkNanos(due - System.nanoTime());
      random.nextBytes(body);
      try (var out = Files.newOutputStream(source.resolve(prefix + "n" + i))) {
        out.write(body);
        phase.savedAt.set(i, System.nanoTime());
      }
    }
    long deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
    while (System.nanoTime() < deadline && isMissing(phase)) {
      Thread.sleep(20);
    }
    return phase;
  }

  private boolean isMissing(Saves phase) {
    for (int standby = 0; standby < mirrors.size(); standby++) {
      if (phase.missing(standby) > 0) {
        return true;
      }
    }
    return false;
  }

  private void note() {
    List<InotifyEvent> events = new ArrayList<>();
    try {
      while (!done) {
        events.clear();
        inotify.read(events);
        long now = System.nanoTime();
        Saves current = saves;
        for (InotifyEvent event : events) {
          String name = new String(event.name(), StandardCharsets.UTF_8);
          int number = name.lastIndexOf('n');
          Integer standby;
          synchronized (standbyOfWatch) {
            standby = standbyOfWatch.get(event.watch());
          }
          if (standby != null && number >= 0 && name.substring(number + 1).matches("\\d+")) {
            current.seen(Integer.parseInt(name.substring(number + 1)), standby, now);
          }
        }
      }
    } catch (IOException e) {
      System.err.println("watching the standbys ended: " + e.getMessage());
    }
  }

  private void show(String address) throws IOException, InterruptedException {
    try (Product status =
        role("status", List.of("status", "--repository", repository()), address)) {
      status.awaitSuccess(log("status"));
    }
    System.out.println();
    System.out.print(Files.readString(log("status")));
  }

  private Path log(String name) {
    return work.resolve(name + ".log");
  }

  private String repository() {
    return work.resolve("repository").toString();
  }

  private List<String> with(List<String> command, String name, String address) {
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of("--bootstrap-server", address));
    if (!command.getFirst().equals("status") && !command.getFirst().equals("topics")) {
      all.addAll(List.of("--data", work.resolve(name + "-data").toString()));
    }
    return all;
  }

  private Product role(String name, List<String> command, String address) throws IOException {
    return Product.start(launcher, log(name), with(command, name, address));
  }
}
