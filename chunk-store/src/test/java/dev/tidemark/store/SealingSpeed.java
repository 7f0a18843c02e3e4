package dev.tidemark.store;

import dev.tidemark.broker.EmbeddedBroker;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.frame.Frame;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * Measures how fast a log that is already written is sealed, broker and chunk-store in this one
 * process. Not a test: run {@code main} with a folder, the number of MiB in frames, the bytes of a
 * frame, and the number of changes without frames.
 */
final class SealingSpeed {
  private SealingSpeed() {}

  public static void main(String[] arguments) throws Exception {
    Path folder = Files.createTempDirectory(Path.of(arguments[0]), "speed");
    long bytes = Long.parseLong(arguments[1]) << 20;
    int frameBytes = Integer.parseInt(arguments[2]);
    int plainChanges = Integer.parseInt(arguments[3]);
    try (EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("broker"))) {
      for (int round = 0; round < 3; round++) {
        TestCluster cluster = new TestCluster(broker, "r" + round + ".", 8);
        measure(
            cluster,
            Files.createDirectory(folder.resolve("r" + round)),
            bytes,
            frameBytes,
            plainChanges);
      }
    } finally {
      delete(folder);
    }
    System.exit(0);
  }

  private static void measure(
      TestCluster cluster, Path folder, long bytes, int frameBytes, int plainChanges)
      throws Exception {
    Random random = new Random(1);
    try (TestWriter writer = cluster.writer("web").begin()) {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      List<ChunkId> ids = new ArrayList<>();
      long started = System.nanoTime();
      for (long done = 0; done < bytes; done += frameBytes) {
        byte[] plain = new byte[frameBytes];
        random.nextBytes(plain);
        ids.add(ChunkId.computeOf(plain));
        sent.add(writer.sendFrame(plain, Frame.store(plain, 0, plain.length)));
      }
      for (int i = 0; i < sent.size(); i++) {
        RecordMetadata at = sent.get(i).get();
        Extent extent =
            new Extent.Chunk(
                ids.get(i),
                frameBytes,
                new dev.tidemark.schemas.change.FramePosition(at.partition(), at.offset()));
        writer.sendAsync(writer.changes.put("file" + i, extent));
      }
      for (int i = 0; i < plainChanges; i++) {
        writer.sendAsync(writer.changes.symlink("link" + i));
      }
      writer.tag("end");
      double publishing = seconds(started);
      long sequence = 2 + writer.changes.number;

      long cpu = cpuNanos();
      long start = System.nanoTime();
      ChunkStoreConfig config =
          ChunkStoreConfig.of(
              cluster.connection, folder.resolve("repository").toString(), folder.resolve("state"));
      try (ChunkStore store = ChunkStore.start(config)) {
        double running = -1;
        while (cluster.head("web").filter(h -> h.sealed().sequence() >= sequence).isEmpty()) {
          if (running < 0 && store.status().frames() + store.status().sealedChanges() > 0) {
            running = seconds(start);
          }
          Thread.sleep(20);
        }
        double all = seconds(start);
        System.out.printf(
            "published in %.2f s; first frame after %.2f s, sealed after %.2f s using %.2f CPU s:"
                + " %.0f MiB/s of frames, %.0f changes/s; %s%n",
            publishing,
            running,
            all,
            (cpuNanos() - cpu) / 1e9,
            bytes / (all - running) / (1 << 20),
            sequence / (all - running),
            store.status());
      }
    }
  }

  private static long cpuNanos() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
  }

  private static double seconds(long sinceNanos) {
    return Duration.ofNanos(System.nanoTime() - sinceNanos).toMillis() / 1000.0;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
