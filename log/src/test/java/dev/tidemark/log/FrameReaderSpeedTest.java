package dev.tidemark.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.change.Extent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Prints how fast frames come by position, broker and reader in one process: {@code mvn -Psoak -pl
 * log -am test -Dtest=FrameReaderSpeedTest -Dsurefire.failIfNoSpecifiedTests=false}.
 */
@Tag("soak")
final class FrameReaderSpeedTest {
  private static final int FRAMES = 2_000;
  private static final int FRAME_BYTES = 200_000;
  private static final int STEP = 500;

  @TempDir static Path folder;

  @Test
  void framesComeInMillisecondsOneByOneAndInBulkAtTheConnectionsSpeed() throws Exception {
    Random random = new Random(1);
    try (TestLog log = TestLog.start(folder);
        FrameReader reader = new FrameReader(log.connection(), log.topics())) {
      List<Extent.Chunk> chunks = new ArrayList<>();
      long begun = System.nanoTime();
      for (int sent = 0; sent < FRAMES; sent += STEP) {
        List<byte[]> frames = new ArrayList<>();
        for (int i = 0; i < STEP; i++) {
          frames.add(TestLog.randomBytes(random, FRAME_BYTES));
        }
        chunks.addAll(log.sendFrames(frames));
      }
      print("produced, random bytes and hashes included", begun, FRAMES);

      for (int round = 1; round <= 3; round++) {
        dense(reader, chunks);
        spread(reader, chunks, 3);
        spread(reader, chunks, 25);
        one(reader, chunks, random);
        fresh(log, reader, random);
      }
    }
  }

  private static void dense(FrameReader reader, List<Extent.Chunk> chunks) throws Exception {
    long begun = System.nanoTime();
    for (int from = 0; from < chunks.size(); from += STEP) {
      assertThat(reader.read(chunks.subList(from, from + STEP))).hasSize(STEP);
    }
    print("all, 500 at a time", begun, chunks.size());
  }

  private static void spread(FrameReader reader, List<Extent.Chunk> chunks, int every)
      throws Exception {
    List<Extent.Chunk> some = new ArrayList<>();
    for (int i = 0; i < chunks.size(); i += every) {
      some.add(chunks.get(i));
    }
    long begun = System.nanoTime();
    assertThat(reader.read(some)).hasSize(some.size());
    print("one of " + every + ", all at once", begun, some.size());
  }

  private static void one(FrameReader reader, List<Extent.Chunk> chunks, Random random)
      throws Exception {
    List<Extent.Chunk> shuffled = new ArrayList<>(chunks);
    Collections.shuffle(shuffled, random);
    long[] nanos = new long[300];
    for (int i = 0; i < nanos.length; i++) {
      long begun = System.nanoTime();
      assertThat(reader.read(List.of(shuffled.get(i)))).hasSize(1);
      nanos[i] = System.nanoTime() - begun;
    }
    print("one at random", nanos);
  }

  /** As a mirror does it: the frame was appended a moment ago. */
  private static void fresh(TestLog log, FrameReader reader, Random random) throws Exception {
    long[] sending = new long[300];
    long[] reading = new long[sending.length];
    for (int i = 0; i < sending.length; i++) {
      byte[] frame = TestLog.randomBytes(random, 8_000);
      long begun = System.nanoTime();
      Extent.Chunk chunk = log.sendFrame(frame);
      long sent = System.nanoTime();
      assertThat(reader.read(List.of(chunk))).hasSize(1);
      sending[i] = sent - begun;
      reading[i] = System.nanoTime() - sent;
    }
    print("8 kB sent", sending);
    print("8 kB just sent, read", reading);
  }

  private static void print(String what, long begun, int frames) {
    double seconds = (System.nanoTime() - begun) / 1e9;
    double mib = (double) frames * FRAME_BYTES / (1 << 20);
    System.out.printf("%s: %d frames, %.0f MiB/s, %.2f s%n", what, frames, mib / seconds, seconds);
  }

  private static void print(String what, long[] nanos) {
    Arrays.sort(nanos);
    System.out.printf(
        "%s: p50 %.2f ms, p99 %.2f ms%n",
        what, nanos[nanos.length / 2] / 1e6, nanos[nanos.length * 99 / 100] / 1e6);
  }
}
