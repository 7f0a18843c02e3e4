package dev.tidemark.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.chunk.ChunkId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class FrameReaderTest {
  private static final long SEED = Long.getLong("tidemark.seed", 42);

  @TempDir static Path folder;
  private static TestLog log;
  private static final Random random = new Random(SEED);

  @BeforeAll
  static void start() throws Exception {
    System.out.println("seed " + SEED + ", repeat with -Dtidemark.seed=" + SEED);
    log = TestLog.start(folder);
  }

  @AfterAll
  static void stop() throws Exception {
    log.close();
  }

  @Test
  void oneFrameIsReadByItsPosition() throws Exception {
    byte[] frame = TestLog.randomBytes(random, 1_000_000);
    Extent.Chunk chunk = log.sendFrame(frame);

    try (FrameReader reader = reader()) {
      assertThat(reader.read(List.of(chunk))).containsOnlyKeys(chunk.id());
      assertThat(reader.read(List.of(chunk)).get(chunk.id())).isEqualTo(frame);
      assertThat(reader.read(List.of())).isEmpty();
    }
  }

  @Test
  void framesAreReadInAnyOrderAndAnyNumber() throws Exception {
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      frames.add(TestLog.randomBytes(random, 1 + random.nextInt(1 << (4 + random.nextInt(14)))));
    }
    List<Extent.Chunk> chunks = log.sendFrames(frames);
    Map<ChunkId, byte[]> all = new HashMap<>();
    frames.forEach(frame -> all.put(ChunkId.computeOf(frame), frame));

    try (FrameReader reader = reader()) {
      for (int round = 0; round < 40; round++) {
        List<Extent.Chunk> wanted = new ArrayList<>(chunks);
        Collections.shuffle(wanted, random);
        wanted = wanted.subList(0, 1 + random.nextInt(1 << random.nextInt(10)) % 600);

        Map<ChunkId, byte[]> read = reader.read(wanted);

        assertThat(read).hasSize((int) wanted.stream().map(Extent.Chunk::id).distinct().count());
        read.forEach((id, frame) -> assertThat(frame).isEqualTo(all.get(id)));
      }
    }
  }

  @Test
  void aPositionThatHoldsAnotherChunkGivesNoFrame() throws Exception {
    Extent.Chunk held = log.sendFrame(TestLog.randomBytes(random, 1000));
    Extent.Chunk stale = new Extent.Chunk(ChunkId.computeOf(new byte[] {1}), 1, held.position());

    try (FrameReader reader = reader()) {
      assertThat(reader.read(List.of(stale))).isEmpty();
      assertThat(reader.read(List.of(stale, held))).containsOnlyKeys(held.id());
    }
  }

  @Test
  void unknownAndImpossiblePositionsAreLeftOutAndTheRestIsRead() throws Exception {
    Extent.Chunk held = log.sendFrame(TestLog.randomBytes(random, 1000));
    ChunkId other = ChunkId.computeOf(new byte[] {2});
    int partition = held.position().partition();
    List<Extent.Chunk> wanted =
        List.of(
            held,
            new Extent.Chunk(other, 1, FramePosition.UNKNOWN),
            new Extent.Chunk(other, 1, new FramePosition(99, 0)),
            new Extent.Chunk(other, 1, new FramePosition(partition, 1_000_000)),
            new Extent.Chunk(other, 1, new FramePosition(partition, held.position().offset() + 1)));

    try (FrameReader reader = reader()) {
      assertThat(reader.read(wanted)).containsOnlyKeys(held.id());
      assertThat(reader.read(wanted.subList(1, 5))).isEmpty();
    }
  }

  @Test
  void framesDeletedByTheLogsRetentionAreLeftOutAndTheRestIsRead() throws Exception {
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      frames.add(TestLog.randomBytes(random, 2000));
    }
    List<Extent.Chunk> chunks = log.sendFrames(frames);
    int partition = chunks.getFirst().position().partition();
    List<Extent.Chunk> there =
        chunks.stream().filter(chunk -> chunk.position().partition() == partition).toList();
    long cut = there.get(there.size() / 2).position().offset();

    try (FrameReader reader = reader()) {
      // Positions that are in the reader's hands already, then gone.
      assertThat(reader.read(there.subList(0, 2))).hasSize(2);
      log.deleteBefore(log.topics().chunks(), partition, cut);

      assertThat(reader.read(chunks).keySet())
          .containsExactlyInAnyOrderElementsOf(
              chunks.stream()
                  .filter(
                      chunk ->
                          chunk.position().partition() != partition
                              || chunk.position().offset() >= cut)
                  .map(Extent.Chunk::id)
                  .toList());
      assertThat(reader.read(List.of(there.getFirst()))).isEmpty();
      assertThat(reader.read(List.of(there.getFirst(), there.getLast())))
          .containsOnlyKeys(there.getLast().id());
    }
  }

  @Test
  void widelySpacedFramesAreReadWithoutWhatLiesBetween() throws Exception {
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      frames.add(TestLog.randomBytes(random, 200_000));
    }
    List<Extent.Chunk> chunks = log.sendFrames(frames);
    List<Extent.Chunk> wanted = new ArrayList<>();
    for (int i = 0; i < chunks.size(); i += 20) {
      wanted.add(chunks.get(i));
    }

    try (FrameReader reader = reader()) {
      assertThat(reader.read(wanted)).hasSize(wanted.size());
      assertThat(reader.read(chunks)).hasSize(chunks.size());
    }
  }

  private static FrameReader reader() {
    return new FrameReader(log.connection(), log.topics());
  }
}
