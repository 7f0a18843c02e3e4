package dev.tidemark.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A program that keeps a second directory equal to a first one as that changes, at its quickest
 * settings; it runs until it is closed. Both directories are on this machine, so that the peers
 * built on rsync need neither ssh nor a daemon.
 */
final class Follower implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final Duration AGAIN = Duration.ofSeconds(4);

  /** Who follows. */
  enum Kind {
    TIDEMARK("tidemark"),
    LSYNCD("lsyncd"),
    LOOP("inotifywait"),
    SYNCTHING("syncthing");

    private final String program;

    Kind(String program) {
      this.program = program;
    }

    /** Whether it can be run here; says so if it cannot. */
    boolean isThere() {
      return this == TIDEMARK
          || (new Peer(program).isThere() && (this == SYNCTHING || new Peer("rsync").isThere()));
    }
  }

  final Path source;
  final Path standby;
  private final Path log;
  private final List<Process> processes = new ArrayList<>();

  private Follower(Path work) throws IOException {
    this.source = Files.createDirectories(work.resolve("source"));
    this.standby = Files.createDirectories(work.resolve("standby"));
    this.log = work.resolve("follower.log");
  }

  /** Ready once what is saved in {@code work/source} comes to {@code work/standby}. */
  static Follower start(Kind kind, Path launcher, Path work)
      throws IOException, InterruptedException {
    Follower follower = new Follower(work);
    try {
      switch (kind) {
        case TIDEMARK -> follower.tidemark(launcher, work);
        case LSYNCD -> follower.lsyncd(work);
        case LOOP -> follower.loop();
        case SYNCTHING -> Syncthing.configure(follower, work);
      }
      follower.awaitSteady();
      return follower;
    } catch (IOException | InterruptedException e) {
      follower.close();
      throw e;
    }
  }

  private void tidemark(Path launcher, Path work) throws IOException {
    run(
        List.of(
            launcher.toString(),
            "up",
            "bench=" + source,
            "--standby",
            standby.toString(),
            "--data",
            work.resolve("data").toString()),
        Map.of());
  }

  /** Without delay it starts an rsync at the first event, and collects events while that runs. */
  private void lsyncd(Path work) throws IOException {
    Path configuration = work.resolve("lsyncd.lua");
    Files.writeString(
        configuration,
        """
        settings { nodaemon = true, insist = true }
        sync { default.rsync, source = "%s", target = "%s", delay = 0, rsync = { archive = true } }
        """
            .formatted(source, standby));
    run(List.of("lsyncd", configuration.toString()), Map.of());
  }

  /** The usual script, with watches that stay, so that it misses nothing while rsync runs. */
  private void loop() throws IOException {
    run(
        List.of(
            "bash",
            "-c",
            """
            inotifywait -m -q -r -e close_write,create,delete,move,attrib "$SOURCE" |
            while read -r _; do
              while read -r -t 0 && read -r _; do :; done
              rsync -a --delete "$SOURCE/" "$STANDBY"
            done
            """),
        Map.of("SOURCE", source.toString(), "STANDBY", standby.toString()));
  }

  /** Starts one more process of this follower. */
  void run(List<String> command, Map<String, String> environment) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    processes.add(builder.start());
  }

  /** Three saves in a row must come; what is saved before the watches are there may not. */
  private void awaitSteady() throws IOException, InterruptedException {
    long start = System.nanoTime();
    for (int came = 0, save = 0; came < 3; save++) {
      // A new name each time: rsync takes a file that kept its size within a second for unchanged.
      String name = "ready-" + save;
      Files.writeString(source.resolve(name), name);
      long again = System.nanoTime() + AGAIN.toNanos();
      boolean there = false;
      while (!there && System.nanoTime() < again) {
        Thread.sleep(20);
        there = Files.exists(standby.resolve(name));
      }
      came = there ? came + 1 : 0;
      requireWithin(start);
    }
  }

  /** Something that becomes true. */
  interface Condition {
    boolean holds() throws IOException;
  }

  /** Looks every few milliseconds; gives the seconds since {@code startNanos}. */
  double await(long startNanos, Condition condition) throws IOException, InterruptedException {
    while (!condition.holds()) {
      requireWithin(startNanos);
      Thread.sleep(5);
    }
    return (System.nanoTime() - startNanos) / 1e9;
  }

  private void requireWithin(long startNanos) throws IOException {
    for (Process process : processes) {
      if (!process.isAlive()) {
        throw new IOException(
            "a follower ended with %d; see %s".formatted(process.exitValue(), log));
      }
    }
    if (System.nanoTime() - startNanos > LIMIT.toNanos()) {
      throw new IOException("not done after %s; see %s".formatted(LIMIT, log));
    }
  }

  /** Where its output is. */
  Path log() {
    return log;
  }

  @Override
  public void close() {
    for (Process process : processes) {
      List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
      all.add(process.toHandle());
      all.forEach(ProcessHandle::destroy);
      try {
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
          all.forEach(ProcessHandle::destroyForcibly);
          process.waitFor();
        }
      } catch (InterruptedException e) {
        all.forEach(ProcessHandle::destroyForcibly);
        Thread.currentThread().interrupt();
      }
    }
  }
}
