package dev.tidemark.bench;

import dev.tidemark.schemas.change.TreeName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** A tree that {@code tidemark up} follows, with a standby of it and an eye on the log. */
final class Following implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  final Path source;
  final Path standby;
  final LogTail tail;
  private final Product product;
  private final Path log;

  private Following(Path source, Path standby, LogTail tail, Product product, Path log) {
    this.source = source;
    this.standby = standby;
    this.tail = tail;
    this.product = product;
    this.log = log;
  }

  /** Ready once all that is in {@code work/source} is on the standby. */
  static Following start(Path launcher, Path work) throws IOException, InterruptedException {
    Path source = Files.createDirectories(work.resolve("source"));
    Path standby = work.resolve("standby");
    Path log = work.resolve("tidemark.log");
    Product product =
        Product.up(
            launcher,
            work.resolve("data"),
            log,
            List.of("bench=" + source, "--standby", standby.toString()));
    try {
      product.awaitOutput(log, "ready: tree bench", LIMIT);
      LogTail tail = LogTail.open(Product.brokerAddress(log), new TreeName("bench"));
      return new Following(source, standby, tail, product, log);
    } catch (IOException | InterruptedException e) {
      product.close();
      throw e;
    }
  }

  /** Something that becomes true. */
  interface Condition {
    boolean holds() throws IOException;
  }

  /** Reads the log until something is true; gives the seconds since {@code startNanos}. */
  double await(long startNanos, Condition condition) throws IOException {
    while (!condition.holds()) {
      product.requireAlive(log);
      if (System.nanoTime() - startNanos > LIMIT.toNanos()) {
        throw new IOException("not done after %s; see %s".formatted(LIMIT, log));
      }
      tail.read();
    }
    return (System.nanoTime() - startNanos) / 1e9;
  }

  /** What the process has read so far, from files and sockets. */
  long bytesRead() throws IOException {
    return product.bytesRead();
  }

  static boolean hasFiles(Path directory, int count) throws IOException {
    if (!Files.isDirectory(directory)) {
      return false;
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.count() == count;
    }
  }

  /** Wants the same names, and the same bytes under them. */
  static void requireEqual(Path one, Path other) throws IOException {
    try (Stream<Path> files = Files.list(one)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Path there = other.resolve(file.getFileName());
        if (Files.mismatch(file, there) != -1) {
          throw new IOException(file + " differs from " + there);
        }
      }
    }
  }

  @Override
  public void close() {
    tail.close();
    product.close();
  }
}
