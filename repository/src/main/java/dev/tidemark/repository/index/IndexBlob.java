package dev.tidemark.repository.index;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.ContentHash;
import dev.tidemark.repository.blob.UnsupportedBlobException;
import dev.tidemark.repository.pack.PackId;
import dev.tidemark.repository.pack.PackedChunk;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.BiConsumer;
import java.util.zip.CRC32C;

/**
 * One blob of the index, searched in place. All numbers are big-endian and unsigned.
 *
 * <pre>
 * field            bytes    meaning
 * magic            4        "TMIX"
 * version          2        1
 * reserved         2        0
 * packs            4        how many; at least 1
 * entries          4        how many
 * pack ids         32 each  ascending
 * fan-out          4 × 256  number of entries whose id's first byte is at most the place in this table
 * entries, ascending by chunk id, then by pack:
 *   chunk id       32
 *   pack           4        place in the list of pack ids
 *   position       4        of the frame's first byte in the pack
 *   frame length   4
 * checksum         4        CRC32C of all before it
 * </pre>
 *
 * The blob's name is {@code index/<SHA-256 of its bytes>.idx}.
 */
public final class IndexBlob {
  /** Under which all index blobs lie. */
  public static final String FOLDER = "index/";

  static final String SUFFIX = ".idx";
  static final int MAGIC = 0x544d4958;
  static final short VERSION = 1;
  static final int HEADER_BYTES = 16;
  static final int FAN_OUT_BYTES = 256 * 4;
  static final int ENTRY_BYTES = ChunkId.BYTES + 12;
  static final int CHECKSUM_BYTES = 4;

  private final BlobName name;
  private final ByteBuffer bytes;
  private final List<PackId> packs;
  private final int entries;
  private final int fanOutAt;
  private final int entriesAt;

  private IndexBlob(BlobName name, ByteBuffer bytes, List<PackId> packs, int entries) {
    this.name = name;
    this.bytes = bytes;
    this.packs = packs;
    this.entries = entries;
    this.fanOutAt = HEADER_BYTES + packs.size() * ContentHash.BYTES;
    this.entriesAt = fanOutAt + FAN_OUT_BYTES;
  }

  private record Entry(ChunkId id, int pack, int position, int length) {}

  /** Encodes the tables of packs. Equal tables give equal bytes. */
  public static byte[] encode(SortedMap<PackId, List<PackedChunk>> tables) {
    List<Entry> entries = new ArrayList<>();
    int packNumber = 0;
    for (Map.Entry<PackId, List<PackedChunk>> table : tables.entrySet()) {
      for (PackedChunk chunk : table.getValue()) {
        entries.add(new Entry(chunk.id(), packNumber, chunk.position(), chunk.length()));
      }
      packNumber++;
    }
    entries.sort(Comparator.comparing(Entry::id).thenComparingInt(Entry::pack));
    ByteBuffer out =
        ByteBuffer.allocate(
            HEADER_BYTES
                + tables.size() * ContentHash.BYTES
                + FAN_OUT_BYTES
                + entries.size() * ENTRY_BYTES
                + CHECKSUM_BYTES);
    out.putInt(MAGIC).putShort(VERSION).putShort((short) 0);
    out.putInt(tables.size()).putInt(entries.size());
    tables.keySet().forEach(pack -> out.put(pack.hash().bytes()));
    putFanOut(out, entries);
    for (Entry entry : entries) {
      out.put(entry.id().bytes());
      out.putInt(entry.pack()).putInt(entry.position()).putInt(entry.length());
    }
    CRC32C checksum = new CRC32C();
    checksum.update(out.array(), 0, out.position());
    out.putInt((int) checksum.getValue());
    return out.array();
  }

  private static void putFanOut(ByteBuffer out, List<Entry> entries) {
    int[] counts = new int[256];
    entries.forEach(entry -> counts[entry.id().firstByte()]++);
    int sum = 0;
    for (int count : counts) {
      sum += count;
      out.putInt(sum);
    }
  }

  /** All of it, as it is stored. */
  ByteBuffer bytes() {
    return bytes.duplicate();
  }

  /** The name of an index blob of these bytes. */
  public static BlobName nameOf(byte[] encoded) {
    return new BlobName(FOLDER + ContentHash.compute(encoded) + SUFFIX);
  }

  /**
   * Opens the index blob {@code name} of {@code store}, checking all of it once.
   *
   * @throws CorruptIndexException if it is damaged
   * @throws UnsupportedBlobException if a newer version wrote it
   */
  public static IndexBlob open(BlobStore store, BlobName name) throws IOException {
    return open(name, store.describe(name), store.view(name));
  }

  static IndexBlob open(BlobName name, String place, ByteBuffer bytes) throws IOException {
    int length = bytes.remaining();
    if (length < HEADER_BYTES + FAN_OUT_BYTES + CHECKSUM_BYTES || bytes.getInt(0) != MAGIC) {
      throw new CorruptIndexException(
          name, place, "its %d bytes do not begin with \"TMIX\"".formatted(length));
    }
    CRC32C checksum = new CRC32C();
    checksum.update(bytes.duplicate().limit(length - CHECKSUM_BYTES));
    int stored = bytes.getInt(length - CHECKSUM_BYTES);
    if (stored != (int) checksum.getValue()) {
      throw new CorruptIndexException(
          name,
          place,
          "checksum %08x, computed %08x over %d bytes"
              .formatted(stored, (int) checksum.getValue(), length - CHECKSUM_BYTES));
    }
    if (bytes.getShort(4) != VERSION) {
      throw new UnsupportedBlobException(
          name,
          "Index blob at %s has version %d; this Tidemark reads version %d. A newer one is needed (see `tidemark version`)."
              .formatted(place, bytes.getShort(4) & 0xffff, VERSION));
    }
    int packs = bytes.getInt(8);
    int entries = bytes.getInt(12);
    long expected = length(packs, entries);
    if (expected != length) {
      throw new CorruptIndexException(
          name,
          place,
          "%d bytes long, where %d packs and %d entries take %d"
              .formatted(length, packs, entries, expected));
    }
    IndexBlob blob = new IndexBlob(name, bytes, readPacks(bytes, packs), entries);
    blob.requireSorted(place);
    return blob;
  }

  /**
   * Proves the bytes by the name, which says more than a checksum: another whole blob may have been
   * put in this one's place. Reads all of it.
   */
  public void requireName(String place) throws CorruptIndexException {
    ContentHash hash = ContentHash.compute(bytes.duplicate());
    if (!name.value().equals(FOLDER + hash + SUFFIX)) {
      throw new CorruptIndexException(name, place, "the SHA-256 of its bytes is " + hash);
    }
  }

  /** How long a blob of that many packs and entries, both unsigned, is. */
  static long length(int packs, int entries) {
    return HEADER_BYTES
        + (packs & 0xffffffffL) * ContentHash.BYTES
        + FAN_OUT_BYTES
        + (entries & 0xffffffffL) * ENTRY_BYTES
        + CHECKSUM_BYTES;
  }

  private static List<PackId> readPacks(ByteBuffer bytes, int count) {
    List<PackId> packs = new ArrayList<>(count);
    byte[] hash = new byte[ContentHash.BYTES];
    for (int i = 0; i < count; i++) {
      bytes.get(HEADER_BYTES + i * ContentHash.BYTES, hash);
      packs.add(new PackId(ContentHash.of(hash)));
    }
    return List.copyOf(packs);
  }

  /**
   * A blob that its own writer made wrong passes its checksum, and would hide chunks from the
   * search.
   */
  private void requireSorted(String place) throws CorruptIndexException {
    int next = 0;
    for (int first = 0; first < 256; first++) {
      int end = bytes.getInt(fanOutAt + first * 4);
      if (end < next || end > entries) {
        throw new CorruptIndexException(name, place, "its fan-out falls at %d".formatted(first));
      }
      for (; next < end; next++) {
        int at = entryAt(next);
        int pack = bytes.getInt(at + ChunkId.BYTES);
        if ((bytes.get(at) & 0xff) != first || pack < 0 || pack >= packs.size()) {
          throw new CorruptIndexException(name, place, "entry %d is out of place".formatted(next));
        }
      }
    }
    if (next != entries) {
      throw new CorruptIndexException(name, place, "its fan-out ends at %d".formatted(next));
    }
  }

  public BlobName name() {
    return name;
  }

  /** The packs whose entries are here. */
  public List<PackId> packs() {
    return packs;
  }

  public int size() {
    return entries;
  }

  /** Where a chunk lies; any one place if there are several. */
  Optional<ChunkLocation> find(IdKey id) {
    int place = lowerBound(id);
    return place < entries && id.compareAt(bytes, entryAt(place)) == 0
        ? Optional.of(location(place))
        : Optional.empty();
  }

  /** Adds every place where a chunk lies. */
  void findAll(IdKey id, List<ChunkLocation> into) {
    for (int place = lowerBound(id);
        place < entries && id.compareAt(bytes, entryAt(place)) == 0;
        place++) {
      into.add(location(place));
    }
  }

  /** Shows every entry in the order of the ids. */
  public void forEach(BiConsumer<ChunkId, ChunkLocation> onEntry) {
    byte[] id = new byte[ChunkId.BYTES];
    for (int place = 0; place < entries; place++) {
      bytes.get(entryAt(place), id);
      onEntry.accept(ChunkId.of(id), location(place));
    }
  }

  /** The id at a place from 0 to {@link #size()}, in the order of the ids. */
  public ChunkId idAt(int place) {
    byte[] id = new byte[ChunkId.BYTES];
    bytes.get(entryAt(place), id);
    return ChunkId.of(id);
  }

  /** Where the chunk at a place lies. */
  public ChunkLocation locationAt(int place) {
    return location(place);
  }

  /** The bytes of the entry at a place, for who copies it. */
  ByteBuffer entryBytes(int place) {
    return bytes.slice(entryAt(place), ENTRY_BYTES);
  }

  private int lowerBound(IdKey id) {
    int first = id.firstByte();
    int low = first == 0 ? 0 : bytes.getInt(fanOutAt + (first - 1) * 4);
    int high = bytes.getInt(fanOutAt + first * 4);
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (id.compareAt(bytes, entryAt(middle)) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private int entryAt(int place) {
    return entriesAt + place * ENTRY_BYTES;
  }

  private ChunkLocation location(int place) {
    int at = entryAt(place) + ChunkId.BYTES;
    return new ChunkLocation(
        packs.get(bytes.getInt(at)), bytes.getInt(at + 4), bytes.getInt(at + 8));
  }
}
