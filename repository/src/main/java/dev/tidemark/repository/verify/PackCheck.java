package dev.tidemark.repository.verify;

import dev.tidemark.repository.blob.BlobMissingException;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStatus;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.CorruptBlobException;
import dev.tidemark.repository.blob.UnsupportedBlobException;
import dev.tidemark.repository.index.ChunkIndex;
import dev.tidemark.repository.index.ChunkLocation;
import dev.tidemark.repository.index.IndexBlob;
import dev.tidemark.repository.pack.PackEntry;
import dev.tidemark.repository.pack.PackId;
import dev.tidemark.repository.pack.PackReader;
import dev.tidemark.repository.pack.PackedChunk;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.frame.CorruptFrameException;
import dev.tidemark.schemas.frame.Frame;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Checks index blobs and packs, and then knows which chunks can be read. */
final class PackCheck {
  /** Bounds the memory that a lost blob of the index costs; what is past it counts as lost. */
  private static final int MAX_UNINDEXED = 500_000;

  private final BlobStore store;
  private final ChunkIndex index;
  private final PackReader packs;
  private final DamageList damages;

  /** Of damaged and missing packs, the chunks that are whole all the same. */
  private final Map<PackId, Set<ChunkId>> damaged = new HashMap<>();

  private final Set<PackId> missing = new HashSet<>();

  /** Of packs that no index blob names, up to {@link #MAX_UNINDEXED}: what lies where. */
  private final Map<ChunkId, PackId> unindexedChunks = new HashMap<>();

  private final List<BlobName> damagedIndexBlobs = new ArrayList<>();
  private final Set<PackId> unsupported = new HashSet<>();
  private long packCount;
  private long packBytes;
  private long packedChunks;
  private long unindexed;
  private long indexBlobs;
  private long readPacks;

  PackCheck(BlobStore store, ChunkIndex index, DamageList damages) {
    this.store = store;
    this.index = index;
    this.packs = new PackReader(store);
    this.damages = damages;
  }

  void run(VerifyOptions options) throws IOException {
    Set<PackId> indexed = checkIndexBlobs();
    index.refresh();
    Map<PackId, Long> present = new TreeMap<>();
    long total = 0;
    store.list(
        PackId.FOLDER,
        status -> PackId.find(status.name()).ifPresent(id -> present.put(id, status.bytes())));
    for (long bytes : present.values()) {
      total += bytes;
    }
    for (PackId pack : indexed) {
      if (!present.containsKey(pack)) {
        damage(pack, new BlobMissingException(pack.blobName(), store.describe(pack.blobName())));
        damaged.put(pack, Set.of());
        missing.add(pack);
      }
    }
    for (Map.Entry<PackId, Long> pack : present.entrySet()) {
      packCount++;
      packBytes += pack.getValue();
      boolean isIndexed = indexed.contains(pack.getKey());
      unindexed += isIndexed ? 0 : 1;
      check(pack.getKey(), options, isIndexed);
      options
          .progress()
          .progressed(new VerifyProgress(packCount, present.size(), packBytes, total, 0));
    }
  }

  private Set<PackId> checkIndexBlobs() throws IOException {
    List<BlobStatus> listed = new ArrayList<>();
    store.list(IndexBlob.FOLDER, listed::add);
    Set<PackId> indexed = new HashSet<>();
    for (BlobStatus status : listed) {
      try {
        IndexBlob blob = IndexBlob.open(store, status.name());
        blob.requireName(store.describe(status.name()));
        indexed.addAll(blob.packs());
        indexBlobs++;
      } catch (CorruptBlobException | UnsupportedBlobException e) {
        damages.add(status.name().value(), String.valueOf(e.getMessage()));
        if (e instanceof CorruptBlobException) {
          damagedIndexBlobs.add(status.name());
        }
      }
    }
    return indexed;
  }

  private void check(PackId pack, VerifyOptions options, boolean isIndexed) throws IOException {
    try {
      List<PackedChunk> table = packs.readTable(pack);
      packedChunks += table.size();
      if (isIndexed) {
        requireIndexed(pack, table);
      } else if (unindexedChunks.size() < MAX_UNINDEXED) {
        table.forEach(chunk -> unindexedChunks.putIfAbsent(chunk.id(), pack));
      }
      if (options.isRead(pack)) {
        readPacks++;
        prove(packs, pack);
      }
    } catch (CorruptBlobException e) {
      damage(pack, e);
      Set<ChunkId> whole = new HashSet<>();
      packs.salvage(pack).forEach(chunk -> whole.add(chunk.id()));
      damaged.put(pack, whole);
    } catch (UnsupportedBlobException e) {
      damage(pack, e);
      unsupported.add(pack);
      damaged.put(pack, Set.of());
    }
  }

  private void requireIndexed(PackId pack, List<PackedChunk> table) throws IOException {
    for (PackedChunk chunk : table) {
      ChunkLocation expected = new ChunkLocation(pack, chunk.position(), chunk.length());
      if (!index.findAll(chunk.id()).contains(expected)) {
        throw packs.corrupt(
            pack,
            "the index knows it, but not its chunk %s at position %d"
                .formatted(chunk.id(), chunk.position()));
      }
    }
  }

  /**
   * Reads all of a pack, and decodes each of its frames.
   *
   * @throws CorruptBlobException if any byte is not as it was stored
   */
  static void prove(PackReader packs, PackId pack) throws IOException {
    for (PackEntry entry : packs.readAll(pack)) {
      try {
        Frame.decode(entry.id(), entry.frame());
      } catch (CorruptFrameException e) {
        // The pack's hash is right: it was stored so.
        throw packs.corrupt(pack, String.valueOf(e.getMessage()), e);
      }
    }
  }

  private void damage(PackId pack, IOException e) {
    damages.add(pack.blobName().value(), String.valueOf(e.getMessage()));
  }

  /**
   * Takes in what has been stored meanwhile: what a log or a snapshot names that is listed before
   * this.
   */
  void refresh() throws IOException {
    index.refresh();
  }

  boolean isReadable(ChunkId id) throws IOException {
    return isIndexed(id) || isOnlyUnindexed(id);
  }

  private boolean isOnlyUnindexed(ChunkId id) {
    PackId pack = unindexedChunks.get(id);
    Set<ChunkId> whole = pack == null ? Set.of() : damaged.getOrDefault(pack, Set.of(id));
    if (pack == null || !whole.contains(id)) {
      return false;
    }
    damages.add(
        "index",
        ("The index is missing entries: chunk %s, for one, lies in pack %s, which no index blob"
                + " names. Nothing is lost; `tidemark repair` makes them again from the packs.")
            .formatted(id, pack));
    return true;
  }

  private boolean isIndexed(ChunkId id) throws IOException {
    for (ChunkLocation location : index.findAll(id)) {
      Set<ChunkId> whole = damaged.get(location.pack());
      if (whole == null || whole.contains(id)) {
        return true;
      }
    }
    return false;
  }

  /** What a chunk that is not readable is missing from. */
  String subjectOf(ChunkId id) throws IOException {
    List<ChunkLocation> locations = index.findAll(id);
    return locations.isEmpty() ? "chunk " + id : locations.getFirst().pack().blobName().value();
  }

  List<BlobName> damagedIndexBlobs() {
    return damagedIndexBlobs;
  }

  Set<PackId> missingPacks() {
    return missing;
  }

  /** Those that are there, with what is whole in them. */
  Map<PackId, Set<ChunkId>> damagedPacks() {
    Map<PackId, Set<ChunkId>> there = new TreeMap<>(damaged);
    // A newer version's pack is whole, as far as this one can tell.
    unsupported.forEach(there::remove);
    missing.forEach(there::remove);
    return there;
  }

  long packCount() {
    return packCount;
  }

  long packBytes() {
    return packBytes;
  }

  long readPacks() {
    return readPacks;
  }

  long packedChunks() {
    return packedChunks;
  }

  long unindexed() {
    return unindexed;
  }

  long indexBlobs() {
    return indexBlobs;
  }
}
