package dev.tidemark.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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
}
