package dev.tidemark.repository.pack;

import dev.tidemark.repository.blob.ContentHash;
import dev.tidemark.schemas.chunk.ChunkId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * A pack, encoded in memory. All numbers are big-endian.
 *
 * <pre>
 * field            bytes  meaning
 * magic            4      "TMPK"
 * version          2      1
 * salt             2      usually 0; makes packs of equal entries differ
 * entries, each:
 *   chunk id       32     SHA-256 of the plain bytes
 *   frame length   4      1 to 1,000,012
 *   frame                 opaque here
 * footer, per entry in the same order:
 *   chunk id       32
 *   position       4      of the frame's first byte in this blob
 *   frame length   4
 * entries          4      how many; at least 1
 * checksum         4      CRC32C of the footer's entries and of their number
 * end magic        4      "TMPE"
 * </pre>
 *
 * The entries can be read forward without the footer, the footer from the end without the entries.
 */
public final class Pack {
  static final int MAGIC = 0x544d504b;
  static final int END_MAGIC = 0x544d5045;
  static final short VERSION = 1;
  static final int HEADER_BYTES = 8;
  static final int ENTRY_HEADER_BYTES = ChunkId.BYTES + 4;
  static final int FOOTER_ENTRY_BYTES = ChunkId.BYTES + 4 + 4;
  static final int TRAILER_BYTES = 12;

  /** Longest pack. */
  public static final int MAX_BYTES = 1 << 30;

  /** Greatest salt. */
  public static final int MAX_SALT = 0xffff;

  private final PackId id;
  private final byte[] bytes;
  private final List<PackedChunk> chunks;

  private Pack(PackId id, byte[] bytes, List<PackedChunk> chunks) {
    this.id = id;
    this.bytes = bytes;
    this.chunks = chunks;
  }

  /**
   * Encodes entries in the order given; of several with one id the first is kept. Equal entries
   * give equal bytes.
   *
   * @throws IllegalArgumentException if there is no entry, or more than {@value #MAX_BYTES} bytes
   */
  public static Pack encode(List<PackEntry> given) {
    return encode(given, 0);
  }

  /**
   * The same as another blob, for each {@code salt} from 0 to {@value #MAX_SALT}: a pack of these
   * entries that is there may be about to be deleted.
   */
  public static Pack encode(List<PackEntry> given, int salt) {
    if (salt < 0 || salt > MAX_SALT) {
      throw new IllegalArgumentException("salt %d: expected 0 to %d".formatted(salt, MAX_SALT));
    }
    List<PackEntry> entries = distinct(given);
    long length = HEADER_BYTES + TRAILER_BYTES;
    for (PackEntry entry : entries) {
      length += ENTRY_HEADER_BYTES + FOOTER_ENTRY_BYTES + entry.frame().length;
    }
    if (entries.isEmpty() || length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "pack of %d entries, %d bytes: expected at least one entry and at most %d bytes"
              .formatted(entries.size(), length, MAX_BYTES));
    }
    ByteBuffer out = ByteBuffer.allocate((int) length);
    out.putInt(MAGIC).putShort(VERSION).putShort((short) salt);
    List<PackedChunk> chunks = new ArrayList<>(entries.size());
    for (PackEntry entry : entries) {
      putId(out, entry.id());
      out.putInt(entry.frame().length);
      chunks.add(new PackedChunk(entry.id(), out.position(), entry.frame().length));
      out.put(entry.frame());
    }
    putFooter(out, chunks);
    return new Pack(new PackId(ContentHash.compute(out.array())), out.array(), List.copyOf(chunks));
  }

  private static List<PackEntry> distinct(List<PackEntry> entries) {
    Set<ChunkId> seen = HashSet.newHashSet(entries.size());
    return entries.stream().filter(entry -> seen.add(entry.id())).toList();
  }

  private static void putFooter(ByteBuffer out, List<PackedChunk> chunks) {
    int start = out.position();
    for (PackedChunk chunk : chunks) {
      putId(out, chunk.id());
      out.putInt(chunk.position()).putInt(chunk.length());
    }
    out.putInt(chunks.size());
    CRC32C checksum = new CRC32C();
    checksum.update(out.array(), start, out.position() - start);
    out.putInt((int) checksum.getValue()).putInt(END_MAGIC);
  }

  private static void putId(ByteBuffer out, ChunkId id) {
    id.copyTo(out.array(), out.position());
    out.position(out.position() + ChunkId.BYTES);
  }

  public PackId id() {
    return id;
  }

  /** Not a copy. */
  public byte[] bytes() {
    return bytes;
  }

  /** What is in it, in the order of the entries. */
  public List<PackedChunk> chunks() {
    return chunks;
  }
}
