package dev.tidemark.repository.cleanup;

import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.pack.PackId;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/**
 * The packs of a store, as listed once.
 *
 * @param packs by id
 */
record PackListing(Map<PackId, Listed> packs) {
  /**
   * @param sinceMillis when it was put, by the store's clock
   */
  record Listed(long bytes, long sinceMillis) {}

  static PackListing of(BlobStore store) throws IOException {
    Map<PackId, Listed> packs = new TreeMap<>();
    store.list(
        PackId.FOLDER,
        status ->
            PackId.find(status.name())
                .ifPresent(
                    id -> packs.put(id, new Listed(status.bytes(), status.modifiedMillis()))));
    return new PackListing(packs);
  }

  boolean contains(PackId pack) {
    return packs.containsKey(pack);
  }
}
