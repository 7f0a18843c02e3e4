package dev.tidemark.repository.pack;

import dev.tidemark.repository.blob.BlobMissingException;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.BlobTooShortException;
import dev.tidemark.repository.blob.ContentHash;
import dev.tidemark.repository.blob.UnsupportedBlobException;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.frame.CorruptFrameException;
import dev.tidemark.schemas.frame.Frame;
import dev.tidemark.schemas.frame.UnsupportedFrameException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/** Reads packs of one store. Thread-safe. See {@link Pack} for the layout. */
public final class PackReader {
  private final BlobStore store;

  public PackReader(BlobStore store) {
    this.store = store;
  }

  /**
   * One run of a pack's bytes, as the index or the footer names it.
   *
   * @throws BlobMissingException if the pack is gone; after a clean-up another one may hold the
   *     chunk
   * @throws CorruptPackException if the pack ends before
   */
  public byte[] read(PackId pack, int position, int length) throws IOException {
    try {
      return store.getRange(pack.blobName(), position, length);
    } catch (BlobTooShortException e) {
      throw corrupt(pack, "it has no %d bytes at position %d".formatted(length, position), e);
    }
  }

  /** What is in a pack, from its footer alone, proved by the checksum. */
  public List<PackedChunk> readTable(PackId pack) throws IOException {
    long length =
        store
            .length(pack.blobName())
            .orElseThrow(
                () -> new BlobMissingException(pack.blobName(), store.describe(pack.blobName())));
    if (length < Pack.HEADER_BYTES + Pack.TRAILER_BYTES || length > Pack.MAX_BYTES) {
      throw corrupt(pack, "it is %d bytes long".formatted(length));
    }
    requireHeader(pack, read(pack, 0, Pack.HEADER_BYTES));
    int end = (int) length;
    byte[] trailer = read(pack, end - Pack.TRAILER_BYTES, Pack.TRAILER_BYTES);
    int entries = ByteBuffer.wrap(trailer).getInt();
    long footerBytes = (long) entries * Pack.FOOTER_ENTRY_BYTES;
    if (entries < 1 || footerBytes > end - Pack.HEADER_BYTES - Pack.TRAILER_BYTES) {
      throw corrupt(pack, "its footer claims %d entries".formatted(entries));
    }
    int start = end - Pack.TRAILER_BYTES - (int) footerBytes;
    return parseFooter(pack, read(pack, start, end - start), entries, start);
  }

  private List<PackedChunk> parseFooter(PackId pack, byte[] footer, int entries, int start)
      throws CorruptPackException {
    ByteBuffer in = ByteBuffer.wrap(footer);
    int checked = footer.length - 8;
    CRC32C checksum = new CRC32C();
    checksum.update(footer, 0, checked);
    int stored = in.getInt(checked);
    if (stored != (int) checksum.getValue() || in.getInt(checked + 4) != Pack.END_MAGIC) {
      throw corrupt(
          pack,
          "footer checksum %08x, computed %08x over %d bytes"
              .formatted(stored, (int) checksum.getValue(), checked));
    }
    List<PackedChunk> chunks = new ArrayList<>(entries);
    int expected = Pack.HEADER_BYTES;
    for (int i = 0; i < entries; i++) {
      int at = i * Pack.FOOTER_ENTRY_BYTES;
      PackedChunk chunk =
          new PackedChunk(
              ChunkId.of(footer, at),
              in.getInt(at + ChunkId.BYTES),
              in.getInt(at + ChunkId.BYTES + 4));
      if (chunk.position() != expected + Pack.ENTRY_HEADER_BYTES
          || chunk.length() < 1
          || chunk.length() > start - chunk.position()) {
        throw corrupt(pack, "its footer's entry %d does not follow the one before".formatted(i));
      }
      expected = chunk.position() + chunk.length();
      chunks.add(chunk);
    }
    if (expected != start) {
      throw corrupt(pack, "%d bytes before its footer are no entry".formatted(start - expected));
    }
    return List.copyOf(chunks);
  }

  /**
   * All entries, read forward, from bytes proved to be those of the pack's id.
   *
   * @throws CorruptPackException if they are not
   */
  public List<PackEntry> readAll(PackId pack) throws IOException {
    byte[] bytes = store.get(pack.blobName());
    ContentHash actual = ContentHash.compute(bytes);
    if (!actual.equals(pack.hash())) {
      throw corrupt(pack, "the SHA-256 of its %d bytes is %s".formatted(bytes.length, actual));
    }
    requireHeader(pack, bytes);
    List<PackEntry> entries = new ArrayList<>();
    for (PackedChunk chunk : forward(bytes, readTable(pack).size())) {
      int end = chunk.position() + chunk.length();
      entries.add(new PackEntry(chunk.id(), Arrays.copyOfRange(bytes, chunk.position(), end)));
    }
    return entries;
  }

  /**
   * The chunks of a pack whose footer or hash is damaged that are whole all the same: each proved
   * by decoding its frame.
   *
   * @return empty if nothing can be saved
   */
  public List<PackedChunk> salvage(PackId pack) throws IOException {
    byte[] bytes = store.get(pack.blobName());
    List<PackedChunk> whole = new ArrayList<>();
    for (PackedChunk chunk : forward(bytes, Integer.MAX_VALUE)) {
      int end = chunk.position() + chunk.length();
      try {
        Frame.decode(chunk.id(), Arrays.copyOfRange(bytes, chunk.position(), end));
        whole.add(chunk);
      } catch (CorruptFrameException | UnsupportedFrameException damaged) {
        // What cannot be proved is not offered; the entries behind it may be whole.
      }
    }
    return whole;
  }

  private static List<PackedChunk> forward(byte[] bytes, int maxEntries) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    List<PackedChunk> chunks = new ArrayList<>();
    int at = Pack.HEADER_BYTES;
    while (chunks.size() < maxEntries && bytes.length - at > Pack.ENTRY_HEADER_BYTES) {
      int length = in.getInt(at + ChunkId.BYTES);
      int position = at + Pack.ENTRY_HEADER_BYTES;
      if (length < 1 || length > Frame.MAX_BYTES || length > bytes.length - position) {
        break;
      }
      chunks.add(new PackedChunk(ChunkId.of(bytes, at), position, length));
      at = position + length;
    }
    return chunks;
  }

  private void requireHeader(PackId pack, byte[] bytes) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (bytes.length < Pack.HEADER_BYTES || in.getInt(0) != Pack.MAGIC) {
      throw corrupt(pack, "it does not begin with \"TMPK\"");
    }
    if (in.getShort(4) != Pack.VERSION) {
      throw new UnsupportedBlobException(
          pack.blobName(),
          "Pack at %s has version %d; this Tidemark reads version %d. A newer one is needed (see `tidemark version`)."
              .formatted(store.describe(pack.blobName()), in.getShort(4) & 0xffff, Pack.VERSION));
    }
  }

  /** The exception for damage that a caller has found in a frame of {@code pack}. */
  public CorruptPackException corrupt(PackId pack, String what) {
    return new CorruptPackException(pack, store.describe(pack.blobName()), what);
  }

  /** The same, with what showed it. */
  public CorruptPackException corrupt(PackId pack, String what, Throwable cause) {
    return new CorruptPackException(pack, store.describe(pack.blobName()), what, cause);
  }
}
