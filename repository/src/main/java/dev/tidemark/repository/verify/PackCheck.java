package dev.tidemark.repository.verify;

import dev.tidemark.repository.blob.BlobMissingException;
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
  private final BlobStore store;
  private final ChunkIndex index;
  private final PackReader packs;
  private final DamageList damages;

  /** Of damaged and missing packs, the chunks that are whole all the same. */
  private final Map<PackId, Set<ChunkId>> damaged = new HashMap<>();

  private long packCount;
  private long packBytes;
  private long packedChunks;
  private long unindexed;
  private long indexBlobs;

  PackCheck(BlobStore store, ChunkIndex index, DamageList damages) {
    this.store = store;
    this.index = index;
    this.packs = new PackReader(store);
    this.damages = damages;
  }

  void run(VerifyMode mode) throws IOException {
    Set<PackId> indexed = checkIndexBlobs();
    index.refresh();
    Map<PackId, Long> present = new TreeMap<>();
    store.list(
        PackId.FOLDER,
        status -> PackId.find(status.name()).ifPresent(id -> present.put(id, status.bytes())));
    for (PackId pack : indexed) {
      if (!present.containsKey(pack)) {
        damage(pack, new BlobMissingException(pack.blobName(), store.describe(pack.blobName())));
        damaged.put(pack, Set.of());
      }
    }
    for (Map.Entry<PackId, Long> pack : present.entrySet()) {
      packCount++;
      packBytes += pack.getValue();
      boolean isIndexed = indexed.contains(pack.getKey());
      unindexed += isIndexed ? 0 : 1;
      check(pack.getKey(), mode, isIndexed);
    }
  }

  private Set<PackId> checkIndexBlobs() throws IOException {
    List<BlobStatus> listed = new ArrayList<>();
    store.list(IndexBlob.FOLDER, listed::add);
    Set<PackId> indexed = new HashSet<>();
    for (BlobStatus status : listed) {
      try {
        indexed.addAll(IndexBlob.open(store, status.name()).packs());
        indexBlobs++;
      } catch (CorruptBlobException | UnsupportedBlobException e) {
        damages.add(status.name().value(), String.valueOf(e.getMessage()));
      }
    }
    return indexed;
  }

  private void check(PackId pack, VerifyMode mode, boolean isIndexed) throws IOException {
    try {
      List<PackedChunk> table = packs.readTable(pack);
      packedChunks += table.size();
      if (isIndexed) {
        requireIndexed(pack, table);
      }
      switch (mode) {
        case STRUCTURE -> {}
        case READ_DATA -> decodeAll(pack);
      }
    } catch (CorruptBlobException e) {
      damage(pack, e);
      Set<ChunkId> whole = new HashSet<>();
      packs.salvage(pack).forEach(chunk -> whole.add(chunk.id()));
      damaged.put(pack, whole);
    } catch (UnsupportedBlobException e) {
      damage(pack, e);
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

  private void decodeAll(PackId pack) throws IOException {
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

  boolean isReadable(ChunkId id) throws IOException {
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

  long packCount() {
    return packCount;
  }

  long packBytes() {
    return packBytes;
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
