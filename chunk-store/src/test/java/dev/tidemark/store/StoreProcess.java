package dev.tidemark.store;

import dev.tidemark.log.LogConnection;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.blob.BlobName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A chunk-store in a process of its own, which a test can kill, or which ends itself as by {@code
 * kill -9} at a put. Without arguments of a step it runs until it is killed.
 */
final class StoreProcess implements AutoCloseable {
  private final Process process;

  private StoreProcess(Process process) {
    this.process = process;
  }

  /**
   * @param when {@code before}, {@code after} or {@code never}
   * @param folder of the blobs at whose put it ends
   * @param nth the how manieth of them
   */
  static StoreProcess start(TestCluster cluster, Path folder, String when, String blobs, int nth)
      throws IOException {
    return start(cluster, folder, folder.resolve("state"), when, blobs, nth);
  }

  /** One of several on a repository, with its own state; it runs until it is killed. */
  static StoreProcess start(TestCluster cluster, Path folder, Path state) throws IOException {
    return start(cluster, folder, state, "never", "none", 1);
  }

  private static StoreProcess start(
      TestCluster cluster, Path folder, Path state, String when, String blobs, int nth)
      throws IOException {
    Files.createDirectories(state);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            StoreProcess.class.getName(),
            cluster.connection.bootstrapServers(),
            cluster.connection.topicPrefix(),
            folder.toString(),
            when,
            blobs,
            Integer.toString(nth),
            state.toString()));
    return new StoreProcess(
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(state.resolveSibling(state.getFileName() + ".log").toFile())
            .start());
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Waits until it has ended itself. */
  void awaitEnd() throws Exception {
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new AssertionError("the process did not come to the step at which it was to end");
    }
  }

  void kill() throws Exception {
    process.destroyForcibly();
    awaitEnd();
  }

  /** Stands still, as a process does whose host is suspended. */
  void suspend() throws Exception {
    signal("-STOP");
  }

  void resume() throws Exception {
    signal("-CONT");
  }

  private void signal(String name) throws Exception {
    Process kill =
        new ProcessBuilder("kill", name, Long.toString(process.pid())).inheritIO().start();
    if (kill.waitFor() != 0) {
      throw new AssertionError("kill %s %d failed".formatted(name, process.pid()));
    }
  }

  @Override
  public void close() throws Exception {
    kill();
  }

  /** Entry point of the process. */
  public static void main(String[] arguments) throws Exception {
    LogConnection connection = new LogConnection(arguments[0], arguments[1], Map.of());
    Path folder = Path.of(arguments[2]);
    String when = arguments[3];
    String blobs = arguments[4];
    AtomicInteger left = new AtomicInteger(Integer.parseInt(arguments[5]));
    StepBlobStore store =
        new StepBlobStore(Repository.openStore(folder.resolve("repository").toString()));
    StepBlobStore.Step end =
        name -> {
          if (isIn(name, blobs) && left.decrementAndGet() == 0) {
            Runtime.getRuntime().halt(9);
          }
        };
    switch (when) {
      case "before" -> store.before = end;
      case "after" -> store.after = end;
      case "never" -> {}
      default -> throw new IllegalArgumentException(when);
    }
    ChunkStoreConfig config =
        ChunkStoreConfig.of(
                connection, folder.resolve("repository").toString(), Path.of(arguments[6]))
            .withFlushInterval(Duration.ofMillis(300))
            .withPackBytes(1 << 20)
            .withCopies(1, 1);
    ChunkStore chunkStore = ChunkStore.start(config, store);
    chunkStore.failure().join();
  }

  private static boolean isIn(BlobName name, String folder) {
    return name.value().startsWith(folder)
        && (!folder.equals("trees/") || name.value().contains("/log/"));
  }
}
