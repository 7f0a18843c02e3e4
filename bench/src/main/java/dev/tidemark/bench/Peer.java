package dev.tidemark.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Another program that does the same job, or a tool of a benchmark. */
record Peer(String name) {
  /** Whether it is installed; says so if it is not. */
  boolean isThere() {
    for (String folder : System.getenv("PATH").split(":")) {
      if (Files.isExecutable(Path.of(folder, name))) {
        return true;
      }
    }
    System.out.printf("%s is not installed: measured without it%n", name);
    return false;
  }

  /** Runs to the end and wants success; gives the seconds it took. */
  double run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(name));
    command.addAll(List.of(arguments));
    long start = System.nanoTime();
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    int code = process.waitFor();
    if (code != 0) {
      throw new IOException("%s ended with %d".formatted(command, code));
    }
    return (System.nanoTime() - start) / 1e9;
  }

  /** What a run took: wall and, to 10 ms, processor time in seconds, and memory at its peak. */
  record Cost(double seconds, double processor, long peakResidentBytes) {}

  /**
   * As {@link #run}, by way of {@code time(1)}, which tells what the kernel counted of it.
   *
   * @param environment added to that of this process
   */
  Cost measure(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    Path told = Files.createTempFile("tidemark-bench", ".time");
    Path output = Files.createTempFile("tidemark-bench", ".log");
    List<String> command =
        new ArrayList<>(List.of("time", "-f", "%U %S %M", "-o", told.toString(), name));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    long start = System.nanoTime();
    int code = builder.start().waitFor();
    double seconds = (System.nanoTime() - start) / 1e9;
    if (code != 0) {
      throw new IOException(
          "%s ended with %d:%n%s".formatted(command, code, Files.readString(output)));
    }
    String[] counted = Files.readString(told).strip().split(" ");
    Files.delete(told);
    Files.delete(output);
    return new Cost(
        seconds,
        Double.parseDouble(counted[0]) + Double.parseDouble(counted[1]),
        Long.parseLong(counted[2]) * 1024);
  }
}
