package dev.tidemark.cli.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A script beside this class, run by python3: what it does to a tree or says of one owes nothing to
 * our own code.
 */
record PythonScript(Path file) {
  /** How a script ended, and what it printed. */
  record Ended(int exitCode, String output) {}

  static PythonScript named(String name) {
    URL found = PythonScript.class.getResource(name);
    assertThat(found).as("the script %s", name).isNotNull();
    try {
      return new PythonScript(Path.of(found.toURI()));
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  Process start(String... args) throws IOException {
    return builder(args).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** Runs to the end. */
  Ended run(String... args) throws InterruptedException {
    return run(builder(args));
  }

  /** Runs another program to the end. */
  static Ended run(ProcessBuilder builder) throws InterruptedException {
    try {
      Process process = builder.redirectErrorStream(true).start();
      process.getOutputStream().close();
      // Any byte is a character of this one, so that what was printed shows whatever it was.
      String output = new String(process.getInputStream().readAllBytes(), "latin1");
      return new Ended(process.waitFor(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ProcessBuilder builder(String... args) {
    List<String> command = new ArrayList<>(List.of("python3", file.toString()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("LC_ALL", "C.UTF-8");
    return builder;
  }
}
