package dev.tidemark.cli.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;

/**
 * A process that does at random to a tree whatever can be done to one; it keeps files open between
 * two runs. One thread at a time.
 */
final class ChurnDriver implements AutoCloseable {
  private final Process process;
  private final Writer commands;
  private final BufferedReader answers;
  private final Path trace;

  private ChurnDriver(Process process, Path trace) {
    this.process = process;
    this.commands = process.outputWriter(UTF_8);
    this.answers = process.inputReader(UTF_8);
    this.trace = trace;
  }

  /**
   * @param outside an existing directory of the same filesystem
   * @param trace a file that will tell each operation
   */
  static ChurnDriver start(Path root, Path outside, long seed, Path trace) throws IOException {
    Process process =
        PythonScript.named("churn_tree.py")
            .start(
                root.toString(),
                outside.toString(),
                Long.toString(seed),
                trace.toString(),
                System.getProperty("tidemark.churn.without", ""));
    return new ChurnDriver(process, trace);
  }

  /** As fast as it can. */
  void run(int operations) throws IOException {
    run(operations, 0);
  }

  void run(int operations, int perSecond) throws IOException {
    assertThat(ask("run %d %d".formatted(operations, perSecond))).startsWith("done");
  }

  /** Removes what neither rsync nor the JDK can compare. */
  void makePlain() throws IOException {
    assertThat(ask("plain")).isEqualTo("done");
  }

  /** How often each kind of operation was done. */
  JsonNode counts() throws IOException {
    return new ObjectMapper().readTree(ask("counts"));
  }

  private String ask(String command) throws IOException {
    commands.write(command + "\n");
    commands.flush();
    String answer = answers.readLine();
    assertThat(answer).as("answer to \"%s\"; what was done is in %s", command, trace).isNotNull();
    return answer;
  }

  @Override
  public void close() throws IOException {
    commands.close();
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
