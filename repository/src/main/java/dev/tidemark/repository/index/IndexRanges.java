package dev.tidemark.repository.index;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.BlobTooShortException;
import dev.tidemark.repository.blob.ContentHash;
import dev.tidemark.repository.blob.UnsupportedBlobException;
import dev.tidemark.repository.pack.PackId;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A large index blob, searched by ranged reads. Ids are hashes, so that the place of one among
 * those with the same first byte is known but for a few hundred entries: the run around that place
 * is read at once. Its checksum is not looked at; what is found is proved by the chunk itself, and
 * what is not found by a reader that needs it is looked for once more in the whole blob.
 * Thread-safe.
 */
final class IndexRanges {
  /** With a head of that many bytes most blobs' fan-out comes along. */
  private static final int HEAD_BYTES = 4 << 10;

  private static final int MIN_RUN = 256;

  /** Past it a search halves what is left, as where ids are no hashes. */
  private static final int MAX_RUN = 2048;

  /** How far from its place an id stands, in square roots of the number of ids: 6 deviations. */
  private static final int SPREAD = 3;

  private static final int MAX_PACKS = 256;

  private final BlobStore store;
  private final BlobName name;
  private final int[] ends;
  private final int entriesAt;
  private final int packCount;
  private final AtomicLong readBytes;

  private final Map<Integer, PackId> packs =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, PackId> eldest) {
          return size() > MAX_PACKS;
        }
      };

  private IndexRanges(
      BlobStore store, BlobName name, int[] ends, int entriesAt, int packCount, long readBytes) {
    this.store = store;
    this.name = name;
    this.ends = ends;
    this.entriesAt = entriesAt;
    this.packCount = packCount;
    this.readBytes = new AtomicLong(readBytes);
  }

  /**
   * Reads the head and the fan-out.
   *
   * @throws CorruptIndexException if they cannot be right
   * @throws UnsupportedBlobException if a newer version wrote it
   */
  static IndexRanges open(BlobStore store, BlobName name, long bytes) throws IOException {
    String place = store.describe(name);
    ByteBuffer head = read(store, name, 0, (int) Math.min(HEAD_BYTES, bytes));
    if (head.remaining() < IndexBlob.HEADER_BYTES || head.getInt(0) != IndexBlob.MAGIC) {
      throw new CorruptIndexException(
          name, place, "its %d bytes do not begin with \"TMIX\"".formatted(bytes));
    }
    if (head.getShort(4) != IndexBlob.VERSION) {
      // Damage or a newer version: a look at all of it tells.
      IndexBlob.open(store, name);
      throw new CorruptIndexException(name, place, "its version changes while it is read");
    }
    int packs = head.getInt(8);
    int entries = head.getInt(12);
    if (packs < 0 || entries < 0 || IndexBlob.length(packs, entries) != bytes) {
      throw new CorruptIndexException(
          name,
          place,
          "%d bytes long, where %d packs and %d entries take %d"
              .formatted(bytes, packs, entries, IndexBlob.length(packs, entries)));
    }
    int fanOutAt = IndexBlob.HEADER_BYTES + packs * ContentHash.BYTES;
    int entriesAt = fanOutAt + IndexBlob.FAN_OUT_BYTES;
    long read = head.remaining();
    ByteBuffer fanOut;
    if (entriesAt <= head.remaining()) {
      fanOut = head.slice(fanOutAt, IndexBlob.FAN_OUT_BYTES);
    } else {
      fanOut = read(store, name, fanOutAt, IndexBlob.FAN_OUT_BYTES);
      read += IndexBlob.FAN_OUT_BYTES;
    }
    int[] ends = new int[256];
    int before = 0;
    for (int first = 0; first < ends.length; first++) {
      ends[first] = fanOut.getInt(first * 4);
      if (ends[first] < before || ends[first] > entries) {
        throw new CorruptIndexException(name, place, "its fan-out falls at %d".formatted(first));
      }
      before = ends[first];
    }
    if (before != entries) {
      throw new CorruptIndexException(name, place, "its fan-out ends at %d".formatted(before));
    }
    return new IndexRanges(store, name, ends, entriesAt, packs, read);
  }

  private static ByteBuffer read(BlobStore store, BlobName name, long position, int length)
      throws IOException {
    try {
      return ByteBuffer.wrap(store.getRange(name, position, length));
    } catch (BlobTooShortException e) {
      throw new CorruptIndexException(
          name, store.describe(name), "it ends before byte %d".formatted(position + length));
    }
  }

  /** What searches have read so far. */
  long readBytes() {
    return readBytes.get();
  }

  Optional<ChunkLocation> find(IdKey id) throws IOException {
    List<ChunkLocation> found = new ArrayList<>(1);
    findAll(id, found);
    return found.stream().findFirst();
  }

  void findAll(IdKey id, List<ChunkLocation> into) throws IOException {
    int low = id.firstByte() == 0 ? 0 : ends[id.firstByte() - 1];
    int end = ends[id.firstByte()];
    int high = end;
    int around = low + (int) ((end - low) * id.fractionBehindFirstByte());
    int half = Math.max(MIN_RUN / 2, (int) (SPREAD * Math.sqrt(end - low)));
    Run run = Run.NONE;
    // The first entry that is not before the id stands from low to high, high included.
    while (low < high) {
      run = readRun(Math.clamp((long) around - half, low, high - 1), 2 * half, high);
      int place = run.lowerBound(id);
      if (place == run.start() && place > low) {
        high = place;
      } else if (place == run.end() && place < high) {
        low = place;
      } else {
        low = place;
        high = place;
      }
      half = MAX_RUN / 2;
      around = (low + high) >>> 1;
    }
    for (int place = low; place < end; place++) {
      if (!run.holds(place)) {
        run = readRun(place, MIN_RUN, end);
      }
      if (!run.isOf(id, place)) {
        return;
      }
      into.add(location(run, place));
    }
  }

  /** Entries that were read together, from one place up to another. */
  private record Run(int start, ByteBuffer entries) {
    static final Run NONE = new Run(0, ByteBuffer.allocate(0));

    int end() {
      return start + entries.remaining() / IndexBlob.ENTRY_BYTES;
    }

    boolean holds(int place) {
      return start <= place && place < end();
    }

    int at(int place) {
      return (place - start) * IndexBlob.ENTRY_BYTES;
    }

    boolean isOf(IdKey id, int place) {
      return id.compareAt(entries, at(place)) == 0;
    }

    int lowerBound(IdKey id) {
      int low = start;
      int high = end();
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (id.compareAt(entries, at(middle)) < 0) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low;
    }
  }

  private Run readRun(int start, int count, int end) throws IOException {
    int length = Math.min(count, end - start) * IndexBlob.ENTRY_BYTES;
    readBytes.addAndGet(length);
    return new Run(
        start, read(store, name, entriesAt + (long) start * IndexBlob.ENTRY_BYTES, length));
  }

  private ChunkLocation location(Run run, int place) throws IOException {
    int at = run.at(place) + ChunkId.BYTES;
    return new ChunkLocation(
        pack(run.entries().getInt(at)), run.entries().getInt(at + 4), run.entries().getInt(at + 8));
  }

  private PackId pack(int number) throws IOException {
    synchronized (packs) {
      PackId known = packs.get(number);
      if (known != null) {
        return known;
      }
    }
    if (number < 0 || number >= packCount) {
      throw new CorruptIndexException(
          name, store.describe(name), "an entry names pack %d of %d".formatted(number, packCount));
    }
    ByteBuffer hash =
        read(
            store,
            name,
            IndexBlob.HEADER_BYTES + (long) number * ContentHash.BYTES,
            ContentHash.BYTES);
    readBytes.addAndGet(ContentHash.BYTES);
    PackId pack = new PackId(ContentHash.of(hash.array()));
    synchronized (packs) {
      packs.put(number, pack);
    }
    return pack;
  }
}
