package dev.tidemark.watcher.chunk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.change.Bytes;
import dev.tidemark.schemas.chunk.ChunkBounds;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChunkerTest {
  private static final Bytes SEED = Bytes.of(new byte[32]);

  private static byte[] bytes(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static List<Integer> cuts(Chunker chunker, byte[] bytes) {
    List<Integer> lengths = new ArrayList<>();
    for (int at = 0; at < bytes.length; at += lengths.getLast()) {
      lengths.add(chunker.cut(bytes, at, bytes.length));
    }
    return lengths;
  }

  @Test
  void cutsOfGivenBytesNeverChange() {
    Chunker chunker = new Chunker(ChunkBounds.DEFAULT, SEED);

    assertThat(cuts(chunker, bytes(3_000_000, 1)))
        .containsExactly(
            130179, 311536, 314237, 268930, 301428, 296572, 389655, 181770, 264901, 380674, 160118);
  }

  @Test
  void lengthsKeepTheBoundsAndTheirAverage() {
    ChunkBounds bounds = ChunkBounds.DEFAULT;
    List<Integer> lengths = cuts(new Chunker(bounds, SEED), bytes(64 << 20, 2));

    assertThat(lengths.subList(0, lengths.size() - 1))
        .allSatisfy(l -> assertThat(l).isBetween(bounds.minBytes(), bounds.maxBytes()));
    double average = lengths.stream().mapToInt(l -> l).average().orElseThrow();
    assertThat(average).isBetween(bounds.averageBytes() * 0.8, bounds.averageBytes() * 1.3);
  }

  @Test
  void twoBytesAtATimeFindTheCutsOfOneAtATime() {
    ChunkBounds bounds = new ChunkBounds(63, 256, 999);
    Chunker chunker = new Chunker(bounds, SEED);
    byte[] bytes = bytes(200_000, 3);

    for (int from = 0; from < 1000; from++) {
      int whole = chunker.cut(bytes, from, bytes.length);
      // The same bytes at an odd place and with another end must give the same chunk.
      byte[] shifted = new byte[whole + 1_001];
      int available = Math.min(bytes.length - from, 1_000);
      System.arraycopy(bytes, from, shifted, 1, available);
      assertThat(chunker.cut(shifted, 1, 1 + available)).isEqualTo(whole);
    }
  }

  @Test
  void anInsertedByteChangesFewChunks() {
    Chunker chunker = new Chunker(new ChunkBounds(1 << 10, 4 << 10, 16 << 10), SEED);
    byte[] bytes = bytes(1 << 20, 4);
    byte[] edited = new byte[bytes.length + 1];
    System.arraycopy(bytes, 0, edited, 0, 500_000);
    System.arraycopy(bytes, 500_000, edited, 500_001, bytes.length - 500_000);

    Set<Bytes> before = chunks(chunker, bytes);
    Set<Bytes> after = chunks(chunker, edited);

    int all = after.size();
    after.removeAll(before);
    assertThat(after.size()).isLessThan(5).isLessThan(all);
  }

  private static Set<Bytes> chunks(Chunker chunker, byte[] bytes) {
    Set<Bytes> chunks = new HashSet<>();
    int at = 0;
    for (int length : cuts(chunker, bytes)) {
      chunks.add(Bytes.of(java.util.Arrays.copyOfRange(bytes, at, at + length)));
      at += length;
    }
    return chunks;
  }

  @Test
  void anotherSeedCutsElsewhere() {
    byte[] bytes = bytes(4 << 20, 5);
    byte[] other = new byte[32];
    other[0] = 1;

    assertThat(cuts(new Chunker(ChunkBounds.DEFAULT, SEED), bytes))
        .isNotEqualTo(cuts(new Chunker(ChunkBounds.DEFAULT, Bytes.of(other)), bytes));
  }

  @Test
  void aShortFileIsOneChunk() {
    Chunker chunker = new Chunker(ChunkBounds.DEFAULT, SEED);

    assertThat(chunker.cut(new byte[70_000], 0, 65_536)).isEqualTo(65_536);
    assertThat(chunker.cut(new byte[0], 0, 0)).isZero();
  }
}
