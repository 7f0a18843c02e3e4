package dev.tidemark.schemas.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.GoldenFiles;
import dev.tidemark.schemas.Seeds;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class FrameTest {
  private static final byte[] TEXT =
      "all work and no play makes a dull frame. ".repeat(50).getBytes(StandardCharsets.UTF_8);
  private static final ChunkId TEXT_ID = ChunkId.computeOf(TEXT);

  private final RandomGenerator random = Seeds.random("FrameTest");

  @Test
  void whatIsFramedIsExpandedAgainAtEveryLength() throws IOException {
    for (int length : new int[] {1, 2, 127, 128, 16_383, 16_384, 262_144, Frame.MAX_PLAIN_BYTES}) {
      for (byte[] plain : new byte[][] {noise(length), new byte[length]}) {
        ChunkId id = ChunkId.computeOf(plain);
        assertThat(Frame.decode(id, Frame.compress(plain, 0, length))).isEqualTo(plain);
        assertThat(Frame.decode(id, Frame.store(plain, 0, length))).isEqualTo(plain);
      }
    }
  }

  @Test
  void aPartOfAnArrayIsFramedAlone() throws IOException {
    byte[] part = Arrays.copyOfRange(TEXT, 10, 1010);

    assertThat(Frame.decode(ChunkId.computeOf(part), Frame.compress(TEXT, 10, 1000)))
        .isEqualTo(part);
    assertThat(Frame.decode(ChunkId.computeOf(part), Frame.store(TEXT, 10, 1000))).isEqualTo(part);
  }

  @Test
  void whatDoesNotCompressIsStoredPlain() {
    byte[] plain = noise(Frame.MAX_PLAIN_BYTES);

    byte[] frame = Frame.compress(plain, 0, plain.length);

    assertThat(Frame.isCompressed(frame)).isFalse();
    assertThat(frame.length).isLessThanOrEqualTo(Frame.MAX_BYTES);
    assertThat(Frame.isCompressed(Frame.compress(TEXT, 0, TEXT.length))).isTrue();
  }

  @Test
  void aFrameKeepsItsBytesFromVersionToVersion() throws IOException {
    assertThat(Frame.decode(TEXT_ID, GoldenFiles.read("Frame-1-zstd.hex"))).isEqualTo(TEXT);
    byte[] stored = GoldenFiles.read("Frame-1-stored.hex");
    byte[] plain = "stored".getBytes(StandardCharsets.UTF_8);
    assertThat(Frame.decode(ChunkId.computeOf(plain), stored)).isEqualTo(plain);
    assertThat(Frame.store(plain, 0, plain.length)).isEqualTo(stored);
  }

  @Test
  void aFrameOfAnotherChunkIsCorrupt() {
    byte[] frame = Frame.compress(TEXT, 0, TEXT.length);
    ChunkId other = ChunkId.computeOf(new byte[] {1});

    assertThatThrownBy(() -> Frame.decode(other, frame))
        .isInstanceOf(CorruptFrameException.class)
        .hasMessageContaining(other.toString())
        .hasMessageContaining(TEXT_ID.toString());
  }

  @Test
  void aFrameOfANewerVersionIsUnsupportedNotCorrupt() {
    for (int flags : new int[] {2, 4, 8, 0x80}) {
      byte[] frame = Frame.compress(TEXT, 0, TEXT.length);
      frame[1] |= (byte) flags;
      assertThatThrownBy(() -> Frame.decode(TEXT_ID, frame))
          .isInstanceOf(UnsupportedFrameException.class);
    }
    byte[] frame = Frame.compress(TEXT, 0, TEXT.length);
    frame[0] = 2;
    assertThatThrownBy(() -> Frame.decode(TEXT_ID, frame))
        .isInstanceOf(UnsupportedFrameException.class)
        .hasMessageContaining("version 2");
  }

  @Test
  void aHostileLengthIsRefusedBeforeAnythingIsSetAside() {
    assertCorrupt(1, 0);
    assertCorrupt(1, 0, 0);
    assertCorrupt(1, 1, 0, 5);
    // 1,000,001 bytes, 2^31 - 1 and 2^35 - 1 bytes, and a length without end.
    assertCorrupt(1, 1, 0xc1, 0x84, 0x3d, 1);
    assertCorrupt(1, 1, 0xff, 0xff, 0xff, 0xff, 0x07, 1);
    assertCorrupt(1, 1, 0xff, 0xff, 0xff, 0xff, 0x7f, 1);
    assertCorrupt(1, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01);
    assertCorrupt(1, 1, 0x80);
    assertCorrupt();
  }

  @Test
  void aStoredFrameMustHoldExactlyWhatItClaims() {
    assertCorrupt(1, 0, 3, 'a', 'b');
    assertCorrupt(1, 0, 3, 'a', 'b', 'c', 'd');
  }

  @Test
  void aCompressedFrameMustExpandToExactlyWhatItClaims() {
    byte[] frame = Frame.compress(TEXT, 0, TEXT.length);
    for (int claimed : new int[] {1, 100, TEXT.length - 1, TEXT.length + 1}) {
      byte[] lying = frame.clone();
      lying[2] = (byte) (claimed & 0x7f | 0x80);
      lying[3] = (byte) (claimed >> 7);
      assertThatThrownBy(() -> Frame.decode(TEXT_ID, lying))
          .isInstanceOf(CorruptFrameException.class);
    }
  }

  @Test
  void noDamageGoesUnnoticed() {
    for (byte[] frame :
        new byte[][] {Frame.compress(TEXT, 0, TEXT.length), Frame.store(TEXT, 0, TEXT.length)}) {
      for (int i = 0; i < 3000; i++) {
        byte[] damaged = frame.clone();
        damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
        assertNotOther(damaged);
        assertNotOther(Arrays.copyOf(frame, random.nextInt(frame.length)));
      }
    }
  }

  /** A bit that the decompressor ignores may be damaged; the chunk's bytes may not. */
  private static void assertNotOther(byte[] damaged) {
    try {
      assertThat(Frame.decode(TEXT_ID, damaged)).isEqualTo(TEXT);
    } catch (CorruptFrameException | UnsupportedFrameException expected) {
      assertThat(expected).hasMessageContaining(TEXT_ID.toString());
    }
  }

  @Test
  void chunksOutsideTheBoundsAreACallersError() {
    byte[] tooLong = new byte[Frame.MAX_PLAIN_BYTES + 1];

    for (int length : new int[] {0, tooLong.length}) {
      assertThatThrownBy(() -> Frame.compress(tooLong, 0, length))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> Frame.store(tooLong, 0, length))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static void assertCorrupt(int... bytes) {
    byte[] frame = new byte[bytes.length];
    for (int i = 0; i < frame.length; i++) {
      frame[i] = (byte) bytes[i];
    }
    assertThatThrownBy(() -> Frame.decode(TEXT_ID, frame))
        .isInstanceOf(CorruptFrameException.class)
        .hasMessageContaining(TEXT_ID.toString());
  }

  private byte[] noise(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }
}
