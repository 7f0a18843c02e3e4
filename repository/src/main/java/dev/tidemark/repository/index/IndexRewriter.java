package dev.tidemark.repository.index;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.DurablePut;
import dev.tidemark.repository.pack.PackId;
import dev.tidemark.repository.pack.PackedChunk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Makes index blobs without some packs, and of many small ones few. All entries of a pack stay in
 * one blob. Holds the entries of one new blob in memory.
 */
final class IndexRewriter {
  /** Bounds a new blob, and what is held. */
  private static final int MAX_ENTRIES = 1 << 18;

  /** What has fewer entries is joined with others, once there are enough of them. */
  private static final int SMALL_ENTRIES = MAX_ENTRIES / 4;

  private static final int MIN_SMALL_BLOBS = 16;

  private final BlobStore store;
  private final List<IndexBlob> blobs;

  IndexRewriter(BlobStore store, List<IndexBlob> blobs) {
    this.store = store;
    this.blobs = blobs;
  }

  int drop(Set<PackId> dropped) throws IOException {
    List<IndexBlob> affected = affected(dropped);
    SortedMap<PackId, Integer> entries = new TreeMap<>();
    for (IndexBlob blob : affected) {
      blob.forEach(
          (_, location) -> {
            if (!dropped.contains(location.pack())) {
              entries.merge(location.pack(), 1, Integer::sum);
            }
          });
    }
    Set<BlobName> made = new HashSet<>();
    for (Set<PackId> group : groups(entries)) {
      made.add(write(affected, group));
    }
    // Only now: until the last new blob is durable, the old ones alone tell of its packs.
    for (IndexBlob blob : affected) {
      if (!made.contains(blob.name())) {
        store.delete(blob.name());
      }
    }
    return made.size();
  }

  private List<IndexBlob> affected(Set<PackId> dropped) {
    List<IndexBlob> small = blobs.stream().filter(blob -> blob.size() < SMALL_ENTRIES).toList();
    Set<IndexBlob> affected = new LinkedHashSet<>();
    if (small.size() >= MIN_SMALL_BLOBS) {
      affected.addAll(small);
    }
    blobs.stream()
        .filter(blob -> blob.packs().stream().anyMatch(dropped::contains))
        .forEach(affected::add);
    return List.copyOf(affected);
  }

  private static List<Set<PackId>> groups(SortedMap<PackId, Integer> entries) {
    List<Set<PackId>> groups = new ArrayList<>();
    long inLast = MAX_ENTRIES;
    for (Map.Entry<PackId, Integer> pack : entries.entrySet()) {
      if (inLast + pack.getValue() > MAX_ENTRIES) {
        groups.add(new HashSet<>());
        inLast = 0;
      }
      groups.getLast().add(pack.getKey());
      inLast += pack.getValue();
    }
    return groups;
  }

  private BlobName write(List<IndexBlob> affected, Set<PackId> group) throws IOException {
    Map<PackId, Set<PackedChunk>> found = new TreeMap<>();
    for (IndexBlob blob : affected) {
      blob.forEach(
          (id, location) -> {
            if (group.contains(location.pack())) {
              found
                  .computeIfAbsent(location.pack(), _ -> new LinkedHashSet<>())
                  .add(new PackedChunk(id, location.position(), location.length()));
            }
          });
    }
    SortedMap<PackId, List<PackedChunk>> tables = new TreeMap<>();
    found.forEach(
        (pack, chunks) ->
            tables.put(
                pack,
                chunks.stream().sorted(Comparator.comparingInt(PackedChunk::position)).toList()));
    byte[] encoded = IndexBlob.encode(tables);
    BlobName name = IndexBlob.nameOf(encoded);
    DurablePut.put(store, name, encoded);
    return name;
  }
}
