package dev.tidemark.schemas.chunk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class ChunkIdTest {
  private final RandomGenerator random = Seeds.random("ChunkIdTest");

  @Test
  void anIdIsTheSha256OfTheBytes() {
    byte[] abc = "xabcx".getBytes(StandardCharsets.US_ASCII);

    assertThat(ChunkId.computeOf(abc, 1, 3).toString())
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }

  @Test
  void idsSortAsTheirUnsignedBytes() {
    for (int i = 0; i < 2000; i++) {
      byte[] a = randomBytes();
      byte[] b = random.nextBoolean() ? a.clone() : randomBytes();
      b[random.nextInt(b.length)] ^= (byte) random.nextInt(2);

      ChunkId idA = ChunkId.of(a);
      ChunkId idB = ChunkId.of(b);

      assertThat(Integer.signum(idA.compareTo(idB)))
          .isEqualTo(Integer.signum(Arrays.compareUnsigned(a, b)));
      assertThat(idA.equals(idB)).isEqualTo(Arrays.equals(a, b));
      assertThat(idA.firstByte()).isEqualTo(a[0] & 0xff);
      assertThat(ChunkId.parse(idA.toString())).isEqualTo(idA);
      assertThat(ChunkId.of(idA.bytes())).isEqualTo(idA);
    }
  }

  @Test
  void anIdOfAnotherLengthIsRefused() {
    assertThatThrownBy(() -> ChunkId.of(new byte[31]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("31");
    assertThatThrownBy(() -> ChunkId.parse("abcd")).isInstanceOf(IllegalArgumentException.class);
  }

  private byte[] randomBytes() {
    byte[] bytes = new byte[ChunkId.BYTES];
    random.nextBytes(bytes);
    return bytes;
  }
}
