package dev.tidemark.cli.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.cli.Main;
import dev.tidemark.testing.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The command in a process of its own, with its output in a file. */
final class TidemarkProcess implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(20);

  private final Process process;
  private final Path output;
  private final List<String> command;

  private TidemarkProcess(Process process, Path output, List<String> command) {
    this.process = process;
    this.output = output;
    this.command = command;
  }

  static TidemarkProcess start(Path output, String... args) throws IOException {
    return startMain(output, Main.class, args);
  }

  static TidemarkProcess startMain(Path output, Class<?> main, String... args) throws IOException {
    return start(builder(main, args), output, List.of(args));
  }

  /** With more variables in its environment. */
  static TidemarkProcess startIn(Map<String, String> environment, Path output, String... args)
      throws IOException {
    ProcessBuilder builder = builder(Main.class, args);
    builder.environment().putAll(environment);
    return start(builder, output, List.of(args));
  }

  /** The same behind a command that runs it somewhere else, such as in another namespace. */
  static TidemarkProcess startBehind(
      List<String> prefix, Path output, Class<?> main, String... args) throws IOException {
    ProcessBuilder builder = builder(main, args);
    List<String> command = new ArrayList<>(prefix);
    command.addAll(builder.command());
    return start(builder.command(command), output, List.of(args));
  }

  /** Any program. */
  static TidemarkProcess startProgram(Path output, List<String> command) throws IOException {
    return start(new ProcessBuilder(command), output, command);
  }

  private static TidemarkProcess start(ProcessBuilder builder, Path output, List<String> told)
      throws IOException {
    Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    process.getOutputStream().close();
    return new TidemarkProcess(process, output, told);
  }

  /** How it is started, with its output still to be taken. */
  static ProcessBuilder builder(Class<?> main, String... args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx512m",
            "-XX:+UseParallelGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().putAll(S3Server.environment());
    return builder;
  }

  /** Runs to the end and wants success; gives what was printed. */
  static String run(Path output, String... args) throws IOException, InterruptedException {
    try (TidemarkProcess process = start(output, args)) {
      int exitCode = process.awaitExit(Duration.ofSeconds(60));
      assertThat(exitCode).as("exit code of %s:%n%s", process.command, process.output()).isZero();
      return process.output();
    }
  }

  /** Waits until the output has a line with {@code text}. */
  void awaitOutput(String text, Duration limit) throws IOException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!output().contains(text)) {
      assertThat(process.isAlive()).as("%s ended:%n%s", command, output()).isTrue();
      assertThat(System.nanoTime())
          .as("no \"%s\" within %s from %s:%n%s", text, limit, command, output())
          .isLessThan(deadline);
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  String output() throws IOException {
    return Files.readString(output, UTF_8);
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Lets it run for a time; false if it ended by itself. */
  boolean awaitNoExit(Duration time) throws InterruptedException {
    return !process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /** SIGTERM; gives the exit code. */
  int stop() throws InterruptedException, IOException {
    process.destroy();
    return awaitExit(Duration.ofSeconds(40));
  }

  int awaitExit(Duration limit) throws InterruptedException, IOException {
    assertThat(process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS))
        .as("%s did not end within %s:%n%s", command, limit, output())
        .isTrue();
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
