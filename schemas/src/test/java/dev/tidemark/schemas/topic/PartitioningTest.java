package dev.tidemark.schemas.topic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkId;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PartitioningTest {
  /** The hashes that Kafka's own tests give for its default partitioner. */
  @ParameterizedTest
  @CsvSource({
    "21, -973932308",
    "foobar, -790332482",
    "a-little-bit-long-string, -985981536",
    "a-little-bit-longer-string, -1486304829",
    "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8, -58897971",
    "abc, 479470107"
  })
  void aKeysHashIsKafkas(String key, int hash) {
    byte[] bytes = key.getBytes(StandardCharsets.UTF_8);

    assertThat(Partitioning.murmur2(bytes)).isEqualTo(hash);
    assertThat(Partitioning.of(bytes, 1000)).isEqualTo((hash & 0x7fffffff) % 1000);
  }

  @Test
  void aTreesPartitionIsThatOfItsNameAndAChunksThatOfItsId() {
    assertThat(Partitioning.of(new TreeName("foobar"), 4)).isEqualTo((-790332482 & 0x7fffffff) % 4);
    ChunkId id = ChunkId.computeOf(new byte[] {1});
    assertThat(Partitioning.of(id, 8)).isEqualTo(Partitioning.of(id.bytes(), 8));
  }
}
