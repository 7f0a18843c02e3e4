package dev.tidemark.repository.index;

import dev.tidemark.repository.blob.BlobMissingException;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStatus;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.CorruptBlobException;
import dev.tidemark.repository.blob.DurablePut;
import dev.tidemark.repository.pack.Pack;
import dev.tidemark.repository.pack.PackId;
import dev.tidemark.repository.victim.Announcements;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The index of a repository: all its index blobs, searched newest first.
 *
 * <p>The blobs are listed at the first search and by {@link #refresh()}, never else; one found
 * damaged is replaced from the packs. What {@link #add} stored is found at once. Thread-safe:
 * searches go on while another thread refreshes.
 */
public final class ChunkIndex {
  private static final Logger log = LoggerFactory.getLogger(ChunkIndex.class);
  private static final int LISTINGS = 4;

  private final BlobStore store;

  /** Newest first; replaced as a whole under this object's lock. */
  private volatile List<IndexBlob> blobs = List.of();

  /** Packs whose deletion has begun. */
  private volatile Set<PackId> swept = Set.of();

  private volatile boolean loaded;

  public ChunkIndex(BlobStore store) {
    this.store = store;
  }

  /** Where a chunk lies; any one place if there are several. */
  public Optional<ChunkLocation> find(ChunkId id) throws IOException {
    IdKey key = IdKey.of(id);
    for (IndexBlob blob : loaded()) {
      Optional<ChunkLocation> location = blob.find(key);
      if (location.isPresent()) {
        return location;
      }
    }
    return Optional.empty();
  }

  /** Whether a chunk lies in a pack whose deletion has not begun. */
  public boolean isKept(ChunkId id) throws IOException {
    Optional<ChunkLocation> any = find(id);
    return any.isPresent() && !swept.contains(any.get().pack())
        || findAll(id).stream().anyMatch(location -> !swept.contains(location.pack()));
  }

  /** Every place where a chunk lies, newest first. */
  public List<ChunkLocation> findAll(ChunkId id) throws IOException {
    IdKey key = IdKey.of(id);
    List<ChunkLocation> locations = new ArrayList<>(1);
    for (IndexBlob blob : loaded()) {
      blob.findAll(key, locations);
    }
    return locations.stream().distinct().toList();
  }

  /**
   * Shows every chunk id at least once, in no order, but for those that lie only in packs whose
   * deletion has begun.
   */
  public void forEachChunk(Consumer<ChunkId> onChunk) throws IOException {
    List<IndexBlob> all = loaded();
    Set<PackId> leftOut = swept;
    for (IndexBlob blob : all) {
      blob.forEach(
          (id, location) -> {
            if (!leftOut.contains(location.pack())) {
              onChunk.accept(id);
            }
          });
    }
  }

  /** The blobs searched now, newest first. */
  public List<IndexBlob> blobs() throws IOException {
    return loaded();
  }

  private List<IndexBlob> loaded() throws IOException {
    if (!loaded) {
      synchronized (this) {
        if (!loaded) {
          refresh();
        }
      }
    }
    return blobs;
  }

  /**
   * Makes the index blob of a pack that is durable. It is durable on return, and searched from then
   * on.
   */
  public void add(Pack pack) throws IOException {
    byte[] encoded = IndexBlob.encode(new TreeMap<>(Map.of(pack.id(), pack.chunks())));
    BlobName name = IndexBlob.nameOf(encoded);
    DurablePut.put(store, name, encoded);
    IndexBlob blob = IndexBlob.open(store, name);
    synchronized (this) {
      if (blobs.stream().noneMatch(known -> known.name().equals(name))) {
        blobs = prepend(blob);
      }
    }
  }

  private List<IndexBlob> prepend(IndexBlob blob) {
    List<IndexBlob> next = new ArrayList<>(blobs.size() + 1);
    next.add(blob);
    next.addAll(blobs);
    return next;
  }

  /** Lists the index again: takes in what others have added, and lets go what was merged away. */
  public synchronized void refresh() throws IOException {
    for (int attempt = 1; !tryRefresh(attempt == LISTINGS); attempt++) {
      log.atDebug().addKeyValue("attempt", attempt).log("index changed while it was loaded");
    }
  }

  /**
   * False if a blob went between being listed and being read: what took its place may be in a later
   * listing only.
   *
   * @param last whether to go without it
   */
  private boolean tryRefresh(boolean last) throws IOException {
    Map<BlobName, IndexBlob> known = new HashMap<>();
    blobs.forEach(blob -> known.put(blob.name(), blob));
    List<BlobStatus> listed = new ArrayList<>();
    store.list(
        IndexBlob.FOLDER,
        status -> {
          if (status.name().value().endsWith(IndexBlob.SUFFIX)) {
            listed.add(status);
          }
        });
    listed.sort(Comparator.comparingLong(BlobStatus::modifiedMillis).reversed());
    List<IndexBlob> next = new ArrayList<>(listed.size());
    boolean damaged = false;
    for (BlobStatus status : listed) {
      try {
        IndexBlob blob = known.get(status.name());
        next.add(blob == null ? IndexBlob.open(store, status.name()) : blob);
      } catch (CorruptIndexException e) {
        log.atWarn()
            .addKeyValue("blob", store.describe(status.name()))
            .setCause(e)
            .log("index blob is damaged, reading the packs instead");
        damaged = true;
      } catch (BlobMissingException mergedMeanwhile) {
        if (!last) {
          return false;
        }
      }
    }
    // After the index: a pack whose deletion begins later was in no danger when this was listed.
    Set<PackId> going = findSwept();
    if (damaged) {
      Set<PackId> indexed = packsOf(next);
      indexed.addAll(going);
      next.addAll(new IndexRebuilder(store).rebuild(indexed));
    }
    blobs = List.copyOf(next);
    swept = going;
    loaded = true;
    return true;
  }

  private Set<PackId> findSwept() throws IOException {
    try {
      return new Announcements(store).sweptPacks();
    } catch (CorruptBlobException e) {
      // Reading must go on, and clean-up itself stops at it.
      log.atWarn().setCause(e).log("list of a clean-up is damaged, its packs count as kept");
      return Set.of();
    }
  }

  /**
   * Indexes every pack that no readable index blob names, from the packs alone.
   *
   * @return how many index blobs were made
   */
  public synchronized int rebuild() throws IOException {
    refresh();
    Set<PackId> indexed = packsOf(blobs);
    indexed.addAll(swept);
    List<IndexBlob> made = new IndexRebuilder(store).rebuild(indexed);
    List<IndexBlob> next = new ArrayList<>(made);
    next.addAll(blobs);
    blobs = List.copyOf(next);
    return made.size();
  }

  /**
   * Drops packs from the index and joins small blobs: the new blobs are durable before the old ones
   * go. A search meanwhile finds both.
   *
   * @return how many blobs were made
   */
  public synchronized int drop(Set<PackId> packs) throws IOException {
    refresh();
    int made = new IndexRewriter(store, blobs).drop(packs);
    refresh();
    return made;
  }

  /** Whether an index blob is there and whole. */
  public boolean isReadable(BlobName name) throws IOException {
    try {
      IndexBlob.open(store, name).requireName(store.describe(name));
      return true;
    } catch (CorruptIndexException | BlobMissingException e) {
      return false;
    }
  }

  private static Set<PackId> packsOf(List<IndexBlob> blobs) {
    Set<PackId> packs = new HashSet<>();
    blobs.forEach(blob -> packs.addAll(blob.packs()));
    return packs;
  }
}
