package dev.tidemark.repository.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testing.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The process that does a task and ends in the middle of it as by {@code kill -9}. */
final class CrashChild {
  /** How a killed process ends. */
  static final int KILLED = 137;

  private CrashChild() {}

  /** Runs it to its end; fails if that was another. */
  static void run(CrashPlace place, long seed, CrashTask task, int step, CrashFault fault)
      throws Exception {
    Path output = place.output();
    Path temporary = Files.createDirectories(output.resolveSibling(output.getFileName() + ".tmp"));
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-Djava.io.tmpdir=" + temporary,
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                CrashChild.class.getName(),
                Long.toString(seed),
                task.name(),
                Integer.toString(step),
                fault.name()));
    command.addAll(place.arguments());
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().putAll(S3Server.environment());
    Process process = builder.start();
    try {
      if (!process.waitFor(120, TimeUnit.SECONDS) || process.exitValue() != KILLED) {
        throw new AssertionError(
            "%s, request %d: the process was to be killed there; see its output:%n%s"
                .formatted(task, step, Files.readString(output)));
      }
    } finally {
      process.destroyForcibly();
    }
    try (Stream<Path> left = Files.list(temporary)) {
      // Nobody would know later whether they are of any use.
      assertThat(left.filter(file -> file.getFileName().toString().startsWith("tidemark-")))
          .as("temporary files that %s, killed at request %d, leaves", task, step)
          .isEmpty();
    }
  }

  /** Entry point of the process. */
  public static void main(String[] arguments) throws IOException {
    CrashTask task = CrashTask.valueOf(arguments[1]);
    CrashWorld world = new CrashWorld(Long.parseLong(arguments[0]), task);
    CrashingStore store =
        new CrashingStore(
            CrashPlace.find(List.of(arguments).subList(4, arguments.length)).open(),
            Integer.parseInt(arguments[2]),
            CrashFault.valueOf(arguments[3]));
    world.run(store);
  }
}
