package dev.tidemark.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * From the close of a saved file to its being visible under its name on the standby, at a steady
 * rate of saves.
 *
 * <pre>bench/run save-latency [SAVES-PER-SECOND [SECONDS [BYTES [WORK-FOLDER]]]]</pre>
 */
final class SaveLatency {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int WARM_UP_SECONDS = 10;

  private SaveLatency() {}

  public static void main(String[] arguments) throws Exception {
    Path launcher = Path.of(arguments[0]);
    int rate = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 100;
    int seconds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 20;
    int bytes = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 8192;
    Path work =
        arguments.length > 4
            ? Files.createDirectories(Path.of(arguments[4]))
            : Files.createTempDirectory("tidemark-bench");
    Path source = Files.createDirectories(work.resolve("source"));
    Path standby = Files.createDirectories(work.resolve("standby"));
    Path log = work.resolve("tidemark.log");
    try (Product product =
            Product.up(
                launcher,
                work.resolve("data"),
                log,
                List.of("bench=" + source, "--standby", standby.toString()));
        LatencyProbe probe = LatencyProbe.open(source, standby, bytes)) {
      awaitFirstMirror(source, standby, product, log);
      probe.save(rate, WARM_UP_SECONDS, "warm-");
      Figures figures = probe.save(rate, seconds, "save-");
      product.requireAlive(log);
      System.out.printf(
          "%d saves of %d bytes at %d/s: p50 %.1f ms, p90 %.1f ms, p99 %.1f ms, max %.1f ms%n",
          figures.count(),
          bytes,
          rate,
          figures.median(),
          figures.quantile(0.9),
          figures.quantile(0.99),
          figures.max());
    }
  }

  private static void awaitFirstMirror(Path source, Path standby, Product product, Path log)
      throws IOException, InterruptedException {
    Files.writeString(source.resolve("first"), "first");
    long start = System.nanoTime();
    while (!Files.exists(standby.resolve("first"))) {
      product.requireAlive(log);
      if (System.nanoTime() - start > PATIENCE.toNanos()) {
        throw new IOException("the standby stays empty; see " + log);
      }
      Thread.sleep(20);
    }
  }
}
