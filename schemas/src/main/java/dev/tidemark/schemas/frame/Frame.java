package dev.tidemark.schemas.frame;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import dev.tidemark.schemas.chunk.ChunkId;
import java.util.Arrays;

/**
 * Encodes and decodes frames.
 *
 * <pre>
 * field          bytes  meaning
 * version        1      1
 * flags          1      bit 0 zstd; bit 1 dictionary; bit 2 sealed (encrypted); others 0
 * dictionary id  1-5    unsigned LEB128, only with bit 1
 * plainBytes     1-5    unsigned LEB128, length of the chunk: 1 to 1,000,000
 * payload        rest   one zstd frame (RFC 8878) with bit 0, else the plain bytes
 * </pre>
 *
 * Dictionaries and sealing are reserved: a reader refuses them rather than guess.
 */
public final class Frame {
  /** Longest chunk, in plain bytes. */
  public static final int MAX_PLAIN_BYTES = 1_000_000;

  /** Most bytes that a header takes. */
  public static final int MAX_HEADER_BYTES = 12;

  /** Longest frame: a chunk that does not compress. */
  public static final int MAX_BYTES = MAX_PLAIN_BYTES + MAX_HEADER_BYTES;

  private static final byte VERSION = 1;
  private static final int FLAG_ZSTD = 1;
  private static final int FLAGS_RESERVED = ~FLAG_ZSTD;
  private static final int LEVEL = 1;

  private static final ThreadLocal<ZstdCompressCtx> COMPRESSOR =
      ThreadLocal.withInitial(() -> new ZstdCompressCtx().setLevel(LEVEL));
  private static final ThreadLocal<ZstdDecompressCtx> DECOMPRESSOR =
      ThreadLocal.withInitial(ZstdDecompressCtx::new);
  private static final ThreadLocal<byte[]> SCRATCH =
      ThreadLocal.withInitial(
          () -> new byte[(int) Zstd.compressBound(MAX_PLAIN_BYTES) + MAX_HEADER_BYTES]);

  private Frame() {}

  /** Compresses a chunk, or stores it plain where that is not smaller. */
  public static byte[] compress(byte[] plain, int from, int length) {
    requireLength(length);
    byte[] scratch = SCRATCH.get();
    int header = writeHeader(scratch, FLAG_ZSTD, length);
    int compressed =
        COMPRESSOR
            .get()
            .compressByteArray(scratch, header, scratch.length - header, plain, from, length);
    return compressed < length
        ? Arrays.copyOf(scratch, header + compressed)
        : store(plain, from, length);
  }

  /** Frames a chunk without trying to compress it. */
  public static byte[] store(byte[] plain, int from, int length) {
    requireLength(length);
    byte[] header = new byte[MAX_HEADER_BYTES];
    int headerBytes = writeHeader(header, 0, length);
    byte[] frame = Arrays.copyOf(header, headerBytes + length);
    System.arraycopy(plain, from, frame, headerBytes, length);
    return frame;
  }

  /** Whether the frame's payload is compressed. */
  public static boolean isCompressed(byte[] frame) {
    return frame.length > 1 && (frame[1] & FLAG_ZSTD) != 0;
  }

  /**
   * The plain bytes, proved to be those of {@code id}.
   *
   * @return a fresh array
   * @throws CorruptFrameException if the frame is damaged or holds another chunk
   * @throws UnsupportedFrameException if a newer version wrote it
   */
  public static byte[] decode(ChunkId id, byte[] frame)
      throws CorruptFrameException, UnsupportedFrameException {
    byte[] plain = expand(id, frame);
    ChunkId actual = ChunkId.computeOf(plain);
    if (!actual.equals(id)) {
      throw new CorruptFrameException(
          "frame of chunk %s: its bytes are chunk %s".formatted(id, actual));
    }
    return plain;
  }

  private static byte[] expand(ChunkId id, byte[] frame)
      throws CorruptFrameException, UnsupportedFrameException {
    if (frame.length < 3) {
      throw new CorruptFrameException(
          "frame of chunk %s: only %d bytes".formatted(id, frame.length));
    }
    if (frame[0] != VERSION || (frame[1] & FLAGS_RESERVED) != 0) {
      throw new UnsupportedFrameException(
          ("frame of chunk %s: version %d, flags %02x; this Tidemark reads version 1 without"
                  + " dictionaries and encryption. A newer one is needed.")
              .formatted(id, frame[0] & 0xff, frame[1] & 0xff));
    }
    int position = 2;
    long length = 0;
    for (int shift = 0; ; shift += 7) {
      if (position == frame.length || shift > 28) {
        throw new CorruptFrameException("frame of chunk %s: its length is cut".formatted(id));
      }
      byte b = frame[position++];
      length |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        break;
      }
    }
    // Checked before anything is allocated: a hostile frame must not expand without bound.
    if (length < 1 || length > MAX_PLAIN_BYTES) {
      throw new CorruptFrameException(
          "frame of chunk %s: it claims %d plain bytes, expected 1 to %d"
              .formatted(id, length, MAX_PLAIN_BYTES));
    }
    byte[] plain = new byte[(int) length];
    if ((frame[1] & FLAG_ZSTD) == 0) {
      if (frame.length - position != length) {
        throw new CorruptFrameException(
            "frame of chunk %s: %d bytes stored, %d claimed"
                .formatted(id, frame.length - position, length));
      }
      System.arraycopy(frame, position, plain, 0, plain.length);
      return plain;
    }
    try {
      int expanded =
          DECOMPRESSOR
              .get()
              .decompressByteArray(
                  plain, 0, plain.length, frame, position, frame.length - position);
      if (expanded != plain.length) {
        throw new CorruptFrameException(
            "frame of chunk %s: %d bytes expanded, %d claimed"
                .formatted(id, expanded, plain.length));
      }
      return plain;
    } catch (ZstdException e) {
      throw new CorruptFrameException("frame of chunk %s: %s".formatted(id, e.getMessage()));
    }
  }

  private static int writeHeader(byte[] target, int flags, int length) {
    target[0] = VERSION;
    target[1] = (byte) flags;
    int position = 2;
    int rest = length;
    while (rest > 0x7f) {
      target[position++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    target[position++] = (byte) rest;
    return position;
  }

  private static void requireLength(int length) {
    if (length < 1 || length > MAX_PLAIN_BYTES) {
      throw new IllegalArgumentException(
          "chunk of %d bytes: expected 1 to %d".formatted(length, MAX_PLAIN_BYTES));
    }
  }
}
