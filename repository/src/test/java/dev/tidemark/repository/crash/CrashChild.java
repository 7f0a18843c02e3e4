package dev.tidemark.repository.crash;

import dev.tidemark.repository.blob.LocalBlobStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The process that does a task and ends in the middle of it as by {@code kill -9}. */
final class CrashChild {
  /** How a killed process ends. */
  static final int KILLED = 137;

  private CrashChild() {}

  /** Runs it to its end; fails if that was another. */
  static void run(Path folder, long seed, CrashTask task, int step, CrashFault fault)
      throws Exception {
    Path output = folder.resolveSibling(folder.getFileName() + ".log");
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx128m",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-cp",
                    System.getProperty("java.class.path"),
                    CrashChild.class.getName(),
                    folder.toString(),
                    Long.toString(seed),
                    task.name(),
                    Integer.toString(step),
                    fault.name()))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      if (!process.waitFor(120, TimeUnit.SECONDS) || process.exitValue() != KILLED) {
        throw new AssertionError(
            "%s, request %d: the process was to be killed there; see its output:%n%s"
                .formatted(task, step, java.nio.file.Files.readString(output)));
      }
    } finally {
      process.destroyForcibly();
    }
  }

  /** Entry point of the process. */
  public static void main(String[] arguments) throws IOException {
    CrashTask task = CrashTask.valueOf(arguments[2]);
    CrashWorld world = new CrashWorld(Long.parseLong(arguments[1]), task);
    CrashingStore store =
        new CrashingStore(
            LocalBlobStore.open(Path.of(arguments[0])),
            Integer.parseInt(arguments[3]),
            CrashFault.valueOf(arguments[4]));
    world.run(store);
  }
}
