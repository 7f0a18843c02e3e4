package dev.tidemark.repository.index;

import dev.tidemark.repository.blob.BlobMissingException;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.DurablePut;
import dev.tidemark.repository.pack.CorruptPackException;
import dev.tidemark.repository.pack.PackId;
import dev.tidemark.repository.pack.PackReader;
import dev.tidemark.repository.pack.PackedChunk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes index blobs for packs that have none, from the packs alone. */
final class IndexRebuilder {
  private static final Logger log = LoggerFactory.getLogger(IndexRebuilder.class);

  /** Bounds what is held in memory, and the work lost if this is interrupted. */
  private static final int PACKS_PER_BLOB = 64;

  private final BlobStore store;
  private final PackReader packs;

  IndexRebuilder(BlobStore store) {
    this.store = store;
    this.packs = new PackReader(store);
  }

  /**
   * Indexes every pack that is not in {@code indexed}. A store that cannot be written still gets
   * its index, in memory.
   */
  List<IndexBlob> rebuild(Set<PackId> indexed) throws IOException {
    TreeSet<PackId> left = new TreeSet<>();
    store.list(
        PackId.FOLDER,
        status ->
            PackId.find(status.name()).filter(id -> !indexed.contains(id)).ifPresent(left::add));
    List<IndexBlob> blobs = new ArrayList<>();
    SortedMap<PackId, List<PackedChunk>> tables = new TreeMap<>();
    while (!left.isEmpty()) {
      PackId pack = left.pollFirst();
      tables.put(pack, readChunks(pack));
      if (tables.size() == PACKS_PER_BLOB || left.isEmpty()) {
        blobs.add(write(tables));
        tables.clear();
      }
    }
    return blobs;
  }

  private List<PackedChunk> readChunks(PackId pack) throws IOException {
    try {
      return packs.readTable(pack);
    } catch (CorruptPackException e) {
      List<PackedChunk> whole = packs.salvage(pack);
      log.atWarn()
          .addKeyValue("pack", pack)
          .addKeyValue("chunks", whole.size())
          .setCause(e)
          .log("pack is damaged, only these chunks of it are whole");
      return whole;
    } catch (BlobMissingException deletedMeanwhile) {
      return List.of();
    }
  }

  /** The damaged blob may be the very one that is made again. */
  void putOverDamaged(BlobName name, ByteBuffer encoded) throws IOException {
    if (DurablePut.put(store, name, encoded) == DurablePut.Result.ALREADY_PRESENT
        && !ByteBuffer.wrap(store.get(name)).equals(encoded)) {
      store.replace(name, encoded.duplicate());
    }
  }

  private IndexBlob write(SortedMap<PackId, List<PackedChunk>> tables) throws IOException {
    byte[] encoded = IndexBlob.encode(tables);
    BlobName name = IndexBlob.nameOf(encoded);
    try {
      putOverDamaged(name, ByteBuffer.wrap(encoded));
    } catch (IOException e) {
      log.atWarn()
          .addKeyValue("blob", store.describe(name))
          .setCause(e)
          .log("rebuilt index is used from memory, it could not be written");
    }
    return IndexBlob.open(name, store.describe(name), ByteBuffer.wrap(encoded));
  }
}
