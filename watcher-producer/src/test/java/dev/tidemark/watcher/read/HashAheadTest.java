package dev.tidemark.watcher.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.chunk.ChunkId;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class HashAheadTest {
  @Test
  void chunksComeInTheirOrderAndWithTheirOwnHashes() throws Exception {
    long seed = Long.getLong("tidemark.seed", System.nanoTime());
    System.out.println("tidemark.seed=" + seed);
    Random random = new Random(seed);
    byte[] buffer = new byte[1 << 20];
    try (HashAhead hashes = new HashAhead()) {
      for (int round = 0; round < 50; round++) {
        random.nextBytes(buffer);
        List<ChunkId> expected = new ArrayList<>();
        int from = 0;
        for (int length = 1; from + length <= buffer.length; length = 1 + random.nextInt(200_000)) {
          expected.add(ChunkId.computeOf(buffer, from, length));
          hashes.cut(buffer, from, length);
          from += length;
        }

        List<ChunkId> found = new ArrayList<>();
        int next = 0;
        for (HashAhead.Piece piece : hashes.finish()) {
          assertThat(piece.from()).isEqualTo(next);
          next += piece.length();
          found.add(piece.id());
        }
        assertThat(next).isEqualTo(from);
        assertThat(found).isEqualTo(expected);
      }
      assertThat(hashes.finish()).isEmpty();
    }
  }
}
