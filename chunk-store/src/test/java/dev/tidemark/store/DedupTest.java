package dev.tidemark.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.cursor.Watermark.Range;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the chunks side keeps, drops and tells. */
final class DedupTest {
  @TempDir Path folder;
  private TestTopology topology;

  @BeforeEach
  void open() throws Exception {
    topology = new TestTopology(folder);
  }

  @AfterEach
  void close() throws Exception {
    topology.close();
  }

  @Test
  void watermarkStaysBelowTheOldestFrameThatIsNotDurable() {
    topology.frame(Changes.plain(1, 1_000));
    topology.frame(Changes.plain(2, 1_000));
    assertThat(topology.watermark().offset()).isEqualTo(-1);

    topology.flush();

    assertThat(topology.watermark().offset()).isEqualTo(1);
    assertThat(topology.watermark().holes()).isEmpty();
    assertThat(topology.watermark().chunksTopic()).isEqualTo(TestTopology.CHUNKS);
  }

  @Test
  void withNothingPendingTheWatermarkIsTheLastFrameRead() {
    topology.frame(Changes.plain(1, 1_000));
    topology.flush();

    topology.frame(Changes.plain(1, 1_000));

    assertThat(topology.watermark().offset()).isEqualTo(1);
    assertThat(topology.counters.duplicates.sum()).isEqualTo(1);
    assertThat(topology.counters.packs.sum()).isEqualTo(1);
  }

  @Test
  void aCopyOfAPendingChunkWaitsForIt() {
    topology.frame(Changes.plain(1, 1_000));
    topology.frame(Changes.plain(1, 1_000));

    assertThat(topology.watermark().offset()).isEqualTo(-1);

    topology.flush();
    assertThat(topology.watermark().offset()).isEqualTo(1);
    assertThat(topology.counters.storedBytes.sum())
        .isEqualTo(Changes.frame(Changes.plain(1, 1_000)).length);
  }

  @Test
  void aFrameThatIsNotTheChunkOfItsKeyIsAHole() throws Exception {
    topology.frame(Changes.plain(1, 1_000));
    topology.rawFrame(
        Changes.id(Changes.plain(2, 1_000)).bytes(), Changes.frame(Changes.plain(3, 1_000)));
    topology.frame(Changes.plain(4, 1_000));

    topology.flush();

    assertThat(topology.watermark().offset()).isEqualTo(2);
    assertThat(topology.watermark().holes()).containsExactly(new Range(1, 1));
    assertThat(topology.counters.rejectedFrames.sum()).isEqualTo(1);
    assertThat(topology.repository.contains(Changes.id(Changes.plain(2, 1_000)))).isFalse();
  }

  @Test
  void aRejectedChunkIsTakenWhenItComesSound() throws Exception {
    byte[] plain = Changes.plain(5, 1_000);
    topology.rawFrame(Changes.id(plain).bytes(), new byte[] {9, 9, 9, 9});
    topology.frame(plain);

    topology.flush();

    assertThat(topology.repository.readChunk(Changes.id(plain))).isEqualTo(plain);
    assertThat(topology.watermark().holes()).containsExactly(new Range(0, 0));
  }

  @Test
  void holesThatTouchAreOneRange() {
    topology.rawFrame(new byte[] {1}, new byte[] {1});
    topology.rawFrame(new byte[31], new byte[] {1});
    topology.frame(Changes.plain(1, 1_000));
    topology.rawFrame(new byte[33], new byte[] {1});

    topology.flush();

    assertThat(topology.watermark().holes()).containsExactly(new Range(0, 1), new Range(3, 3));
  }

  @Test
  void holesAboveTheWatermarkAreToldWhenItReachesThem() {
    topology.frame(Changes.plain(1, 1_000));
    topology.rawFrame(new byte[] {1}, new byte[] {1});
    assertThat(topology.watermark().holes()).isEmpty();

    topology.flush();

    assertThat(topology.watermark().holes()).containsExactly(new Range(1, 1));
  }
}
