package dev.tidemark.bench;

import dev.tidemark.testing.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A running role of the product, mostly {@code tidemark up}, started through the launcher as an
 * operator starts it, and stopped on close.
 */
final class Product implements AutoCloseable {
  private static final Pattern BROKER = Pattern.compile("started: broker ([^,]+),");
  private static final Duration GLANCE = Duration.ofMillis(5);

  private final Process process;

  private Product(Process process) {
    this.process = process;
  }

  static Product up(Path launcher, Path data, Path log, List<String> arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of("up", "--data", data.toString()));
    all.addAll(arguments);
    return start(launcher, log, all);
  }

  /** Any role; its output is in {@code log}, which is emptied. */
  static Product start(Path launcher, Path log, List<String> arguments) throws IOException {
    return start(launcher, log, arguments, "");
  }

  /**
   * The same with options of the virtual machine.
   *
   * @param javaOptions separated by blanks
   */
  static Product start(Path launcher, Path log, List<String> arguments, String javaOptions)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    // For repositories on the benchmarks' own S3 server; elsewhere they do not matter.
    builder.environment().putAll(S3Server.environment());
    builder.environment().put("TIDEMARK_JAVA_OPTS", javaOptions);
    return new Product(builder.start());
  }

  /** A program of the benchmarks' own, on their class path. */
  static Product startJava(Path log, List<String> options, Class<?> main, Path argument)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName(),
            argument.toString()));
    return new Product(
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start());
  }

  /** Sends it a signal, such as STOP or CONT. */
  void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  /** Waits for a text in the output; the log is small. */
  void awaitOutput(Path log, String text, Duration limit) throws IOException, InterruptedException {
    long start = System.nanoTime();
    while (!Files.readString(log).contains(text)) {
      requireAlive(log);
      if (System.nanoTime() - start > limit.toNanos()) {
        throw new IOException("no \"%s\" within %s; see %s".formatted(text, limit, log));
      }
      Thread.sleep(GLANCE);
    }
  }

  /** Where the broker of a started {@code up} listens. */
  static String brokerAddress(Path log) throws IOException {
    Matcher matcher = BROKER.matcher(Files.readString(log));
    if (!matcher.find()) {
      throw new IOException("no address of a broker in " + log);
    }
    return matcher.group(1);
  }

  /** Waits for the end, which must be a success. */
  void awaitSuccess(Path log) throws IOException, InterruptedException {
    if (process.waitFor() != 0) {
      throw new IOException(
          "tidemark ended with %d; its output is in %s".formatted(process.exitValue(), log));
    }
  }

  void requireAlive(Path log) throws IOException {
    if (!process.isAlive()) {
      throw new IOException(
          "tidemark ended with %d; its output is in %s".formatted(process.exitValue(), log));
    }
  }

  /** Processor time of the product so far, all its threads. */
  Duration processorTime() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** Resident memory at its peak, in bytes; 0 if the kernel does not tell. */
  long peakResidentBytes() throws IOException {
    return bytesOf("status", "VmHWM:");
  }

  /** Resident memory now, in bytes; 0 if the kernel does not tell. */
  long residentBytes() throws IOException {
    return bytesOf("status", "VmRSS:");
  }

  /** The same, with what several processes share divided by their number. */
  long proportionalBytes() throws IOException {
    return bytesOf("smaps_rollup", "Pss:");
  }

  private long bytesOf(String file, String key) throws IOException {
    Path told = Path.of("/proc", Long.toString(process.pid()), file);
    try (Stream<String> lines = Files.lines(told)) {
      return lines
          .filter(line -> line.startsWith(key))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst()
          .orElse(0);
    }
  }

  /** What its read calls have given so far, of files and sockets alike, in bytes. */
  long bytesRead() throws IOException {
    Path io = Path.of("/proc", Long.toString(process.pid()), "io");
    try (Stream<String> lines = Files.lines(io)) {
      return lines
          .filter(line -> line.startsWith("rchar:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(0);
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> all = Files.walk(root)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  static long treeBytes(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      long sum = 0;
      for (Path path : all.filter(Files::isRegularFile).toList()) {
        sum += Files.size(path);
      }
      return sum;
    }
  }
}
