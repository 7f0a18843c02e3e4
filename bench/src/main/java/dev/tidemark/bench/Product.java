package dev.tidemark.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A running {@code tidemark up}, started through the launcher as an operator starts it, and killed
 * on close.
 */
final class Product implements AutoCloseable {
  private final Process process;

  private Product(Process process) {
    this.process = process;
  }

  static Product up(Path launcher, Path data, Path log, List<String> arguments) throws IOException {
    List<String> command =
        new ArrayList<>(List.of(launcher.toString(), "up", "--data", data.toString()));
    command.addAll(arguments);
    return new Product(
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start());
  }

  void requireAlive(Path log) throws IOException {
    if (!process.isAlive()) {
      throw new IOException(
          "tidemark up ended with %d; its output is in %s".formatted(process.exitValue(), log));
    }
  }

  /** Processor time of the product so far, all its threads. */
  Duration processorTime() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** Resident memory at its peak, in bytes; 0 if the kernel does not tell. */
  long peakResidentBytes() throws IOException {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
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
