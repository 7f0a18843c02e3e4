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
 * Saves files in one directory at a steady rate and notes when each is visible in another, whoever
 * carries it there.
 *
 * <p>The clock of each file starts before its close and stops when the other directory reports the
 * name; every file's content is compared at the end. Saving is for one thread.
 */
final class LatencyProbe implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Map<String, Long> seenAt = new ConcurrentHashMap<>();
  private final Path source;
  private final Path standby;
  private final byte[] body;
  private final Random random = new Random(42);
  private final Inotify inotify;
  private final Thread events;
  private volatile boolean done;

  private LatencyProbe(Path source, Path standby, int bytes, Inotify inotify) {
    this.source = source;
    this.standby = standby;
    this.body = new byte[bytes];
    this.inotify = inotify;
    this.events = Thread.ofPlatform().name("standby-events").unstarted(this::note);
  }

  /**
   * Ready to save.
   *
   * @param bytes of each file
   */
  static LatencyProbe open(Path source, Path standby, int bytes) throws IOException {
    Inotify inotify = Inotify.open();
    try (Descriptor watched = LinuxFiles.openRoot(NativePath.of(standby))) {
      inotify.addWatch(watched, new WatchMask(WatchMask.MOVED_TO));
    } catch (IOException e) {
      inotify.close();
      throw e;
    }
    LatencyProbe probe = new LatencyProbe(source, standby, bytes, inotify);
    probe.events.start();
    return probe;
  }

  /** Saves for some seconds; gives the milliseconds of each file, once all are there. */
  Figures save(int rate, int seconds, String prefix) throws IOException, InterruptedException {
    long[] startedAt = new long[rate * seconds];
    long first = System.nanoTime();
    for (int i = 0; i < startedAt.length; i++) {
      long due = first + i * 1_000_000_000L / rate;
      LockSupport.parkNanos(due - System.nanoTime());
      startedAt[i] = write(prefix + i);
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
  private long write(String name) throws IOException {
    random.nextBytes(body);
    try (var out = Files.newOutputStream(source.resolve(name))) {
      out.write(body);
      return System.nanoTime();
    }
  }

  private void note() {
    List<InotifyEvent> read = new ArrayList<>();
    try {
      while (!done) {
        read.clear();
        inotify.read(read);
        long now = System.nanoTime();
        for (InotifyEvent event : read) {
          // The first time counts: some bring a file twice.
          seenAt.putIfAbsent(new String(event.name(), StandardCharsets.UTF_8), now);
        }
      }
    } catch (IOException e) {
      System.err.println("watching the standby ended: " + e.getMessage());
    }
  }

  @Override
  public void close() throws IOException {
    done = true;
    inotify.wake();
    try {
      events.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    inotify.close();
  }
}
