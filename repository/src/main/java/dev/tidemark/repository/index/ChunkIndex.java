package dev.tidemark.repository.index;

import dev.tidemark.repository.blob.BlobMissingException;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStatus;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.CorruptBlobException;
import dev.tidemark.repository.blob.DurablePut;
import dev.tidemark.repository.blob.Grace;
import dev.tidemark.repository.pack.Pack;
import dev.tidemark.repository.pack.PackId;
import dev.tidemark.repository.victim.Announcement;
import dev.tidemark.repository.victim.Announcements;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.time.InstantSource;
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
 * The index of a repository: all its index blobs, searched in place, the largest first, since it
 * most likely knows.
 *
 * <p>The blobs are listed at the first search and by {@link #refresh()}, and where one has been
 * merged away since; each is read when a search comes to it. One found damaged is replaced from the
 * packs. What {@link #add} stored is found at once. Thread-safe: searches go on while another
 * thread refreshes.
 */
public final class ChunkIndex {
  private static final Logger log = LoggerFactory.getLogger(ChunkIndex.class);
  private static final int LISTINGS = 4;

  /** No blob has this name. Its deletion shows whether blobs may be deleted. */
  private static final BlobName NEVER_THERE = new BlobName(IndexBlob.FOLDER + "none");

  /** Largest first; of equal ones the order is that of their names. */
  private static final Comparator<IndexPart> ORDER =
      Comparator.comparingLong(IndexPart::bytes).reversed().thenComparing(IndexPart::name);

  private final BlobStore store;

  /** Sorted; replaced as a whole under this object's lock. */
  private volatile List<IndexPart> parts = List.of();

  /** Packs whose deletion has begun. */
  private volatile Set<PackId> swept = Set.of();

  /** Found damaged, and left out while they are. Guarded by this. */
  private final Set<BlobName> damaged = new HashSet<>();

  /** What was made in the place of damaged blobs, put or not. Guarded by this. */
  private final List<IndexBlob> remade = new ArrayList<>();

  private volatile boolean loaded;

  public ChunkIndex(BlobStore store) {
    this.store = store;
  }

  private interface Search<T> {
    T in(List<IndexPart> parts) throws IOException;
  }

  /** Blobs may be merged away, or turn out to be damaged, while they are searched. */
  private <T> T search(Search<T> search) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        return search.in(loaded());
      } catch (BlobMissingException mergedMeanwhile) {
        if (attempt == LISTINGS) {
          throw mergedMeanwhile;
        }
        refresh();
      } catch (CorruptIndexException e) {
        if (attempt == LISTINGS) {
          throw e;
        }
        replaceDamaged();
      }
    }
  }

  /** Where a chunk lies; any one place if there are several. */
  public Optional<ChunkLocation> find(ChunkId id) throws IOException {
    IdKey key = IdKey.of(id);
    return search(
        all -> {
          for (IndexPart part : all) {
            Optional<ChunkLocation> location = part.find(key);
            if (location.isPresent()) {
              return location;
            }
          }
          return Optional.empty();
        });
  }

  /** Whether a chunk lies in a pack whose deletion has not begun. */
  public boolean isKept(ChunkId id) throws IOException {
    Optional<ChunkLocation> any = find(id);
    return any.isPresent() && !swept.contains(any.get().pack())
        || any.isPresent()
            && findAll(id).stream().anyMatch(location -> !swept.contains(location.pack()));
  }

  /** Every place where a chunk lies. */
  public List<ChunkLocation> findAll(ChunkId id) throws IOException {
    IdKey key = IdKey.of(id);
    return search(
        all -> {
          List<ChunkLocation> locations = new ArrayList<>(1);
          for (IndexPart part : all) {
            part.findAll(key, locations);
          }
          return locations.stream().distinct().toList();
        });
  }

  /**
   * Shows every chunk id at least once, in no order, but for those that lie only in packs whose
   * deletion has begun.
   */
  public void forEachChunk(Consumer<ChunkId> onChunk) throws IOException {
    List<IndexBlob> all = blobs();
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

  /** About how many chunks are indexed, by the lengths of the blobs: none is read. */
  public long expectedChunks() throws IOException {
    return search(all -> all.stream().mapToLong(IndexPart::bytes).sum()) / IndexBlob.ENTRY_BYTES;
  }

  /** All blobs, whole, in the order in which they are searched. */
  public List<IndexBlob> blobs() throws IOException {
    return search(ChunkIndex::whole);
  }

  private static List<IndexBlob> whole(List<IndexPart> parts) throws IOException {
    List<IndexBlob> blobs = new ArrayList<>(parts.size());
    for (IndexPart part : parts) {
      blobs.add(part.whole());
    }
    return blobs;
  }

  private List<IndexPart> loaded() throws IOException {
    if (!loaded) {
      synchronized (this) {
        if (!loaded) {
          refresh();
        }
      }
    }
    return parts;
  }

  /**
   * Makes the index blob of a pack that is durable. It is durable on return, and searched from then
   * on.
   */
  public void add(Pack pack) throws IOException {
    byte[] encoded = IndexBlob.encode(new TreeMap<>(Map.of(pack.id(), pack.chunks())));
    BlobName name = IndexBlob.nameOf(encoded);
    DurablePut.put(store, name, encoded);
    synchronized (this) {
      if (parts.stream().noneMatch(known -> known.name().equals(name))) {
        List<IndexPart> next = new ArrayList<>(parts);
        next.add(IndexPart.listed(store, name, encoded.length));
        setParts(next);
      }
    }
  }

  private void setParts(List<IndexPart> next) {
    parts = next.stream().sorted(ORDER).toList();
  }

  /** Lists the index again: takes in what others have added, and lets go what was merged away. */
  public synchronized void refresh() throws IOException {
    Map<BlobName, IndexPart> known = new HashMap<>();
    parts.forEach(part -> known.put(part.name(), part));
    Map<BlobName, IndexPart> next = new HashMap<>();
    remade.forEach(blob -> next.put(blob.name(), IndexPart.inMemory(store, blob)));
    for (BlobStatus status : list()) {
      BlobName name = status.name();
      if (!damaged.contains(name) || isReadable(name) && damaged.remove(name)) {
        IndexPart before = known.get(name);
        boolean same = before != null && before.bytes() == status.bytes();
        next.putIfAbsent(name, same ? before : IndexPart.listed(store, name, status.bytes()));
      }
    }
    // After the index: a pack whose deletion begins later was in no danger when this was listed.
    swept = findSwept();
    setParts(List.copyOf(next.values()));
    loaded = true;
  }

  private List<BlobStatus> list() throws IOException {
    List<BlobStatus> listed = new ArrayList<>();
    store.list(
        IndexBlob.FOLDER,
        status -> {
          if (status.name().value().endsWith(IndexBlob.SUFFIX)) {
            listed.add(status);
          }
        });
    return listed;
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

  /** Reads every blob whole, and makes others from the packs in the place of damaged ones. */
  private synchronized void replaceDamaged() throws IOException {
    readAll();
    if (!damaged.isEmpty()) {
      remake();
    }
  }

  /** Checks all blobs, and leaves out the damaged ones. */
  private List<IndexBlob> readAll() throws IOException {
    for (int attempt = 1; ; attempt++) {
      refresh();
      List<IndexBlob> blobs = new ArrayList<>();
      try {
        for (IndexPart part : parts) {
          try {
            blobs.add(part.whole());
          } catch (CorruptIndexException e) {
            log.atWarn()
                .addKeyValue("blob", store.describe(part.name()))
                .setCause(e)
                .log("index blob is damaged, reading the packs instead");
            damaged.add(part.name());
          }
        }
        setParts(parts.stream().filter(part -> !damaged.contains(part.name())).toList());
        return blobs;
      } catch (BlobMissingException mergedMeanwhile) {
        if (attempt == LISTINGS) {
          throw mergedMeanwhile;
        }
      }
    }
  }

  /** Indexes every pack that no blob that is read names. */
  private int remake() throws IOException {
    Set<PackId> indexed = new HashSet<>(swept);
    whole(parts).forEach(blob -> indexed.addAll(blob.packs()));
    List<IndexBlob> made = new IndexRebuilder(store).rebuild(indexed);
    remade.addAll(made);
    Map<BlobName, IndexPart> next = new HashMap<>();
    parts.forEach(part -> next.put(part.name(), part));
    made.forEach(blob -> next.put(blob.name(), IndexPart.inMemory(store, blob)));
    made.forEach(blob -> damaged.remove(blob.name()));
    setParts(List.copyOf(next.values()));
    return made.size();
  }

  /**
   * Indexes every pack that no readable index blob names, from the packs alone. Reads and checks
   * the whole index.
   *
   * @return how many index blobs were made
   */
  public synchronized int rebuild() throws IOException {
    readAll();
    return remake();
  }

  /**
   * Drops packs from the index and joins small blobs: the new blobs are durable before the old ones
   * go. A search meanwhile finds both. What {@link #rebuild} could not put is put now.
   *
   * @return how many blobs were made
   */
  public synchronized int drop(Set<PackId> packs) throws IOException {
    List<IndexBlob> all = readAll();
    Set<IndexBlob> affected = new HashSet<>(whole(MergeChoice.choose(parts)));
    all.stream()
        .filter(blob -> blob.packs().stream().anyMatch(packs::contains))
        .forEach(affected::add);
    storeRemade();
    remade.clear();
    int made =
        affected.isEmpty() ? 0 : new IndexMerger(store).replace(List.copyOf(affected), packs);
    refresh();
    return made;
  }

  /**
   * Puts what was made in the place of damaged blobs, as far as it could not be put then: else the
   * next who opens the repository has to read the packs again.
   */
  public synchronized void storeRemade() throws IOException {
    for (IndexBlob blob : remade) {
      if (!isReadable(blob.name())) {
        new IndexRebuilder(store).putOverDamaged(blob.name(), blob.bytes());
      }
    }
  }

  /**
   * Joins small blobs, once there are many. May go on beside clean-up and beside other processes
   * that do the same: blobs that name a pack that is announced are left alone, so that no pack
   * comes back into the index that somebody takes out of it. What takes so long that packs may have
   * been announced and deleted meanwhile is not put. Who may not delete leaves it to clean-up.
   *
   * @param clock measures how long it takes
   * @return how many blobs were joined
   */
  public synchronized int merge(InstantSource clock) throws IOException {
    refresh();
    List<IndexPart> small = MergeChoice.choose(parts);
    if (small.isEmpty() || !mayDelete()) {
      return 0;
    }
    long start = System.nanoTime();
    Grace grace = Grace.start(clock);
    Set<PackId> announced = new HashSet<>();
    for (Announcement announcement : new Announcements(store).list()) {
      announced.addAll(announcement.victims().packs().keySet());
    }
    List<IndexBlob> chosen;
    try {
      chosen =
          whole(small).stream()
              .filter(blob -> blob.packs().stream().noneMatch(announced::contains))
              .toList();
    } catch (BlobMissingException mergedMeanwhile) {
      log.atDebug().setCause(mergedMeanwhile).log("index blobs are merged by another process");
      return 0;
    } catch (CorruptIndexException e) {
      replaceDamaged();
      return 0;
    }
    if (chosen.size() < 2) {
      return 0;
    }
    new IndexMerger(store, grace).replace(chosen, Set.of());
    refresh();
    log.atInfo()
        .addKeyValue("blobs", chosen.size())
        .addKeyValue("entries", chosen.stream().mapToLong(IndexBlob::size).sum())
        .addKeyValue("millis", (System.nanoTime() - start) / 1_000_000)
        .log("index blobs merged");
    return chosen.size();
  }

  /** What was merged and not deleted would be merged again and again. */
  private boolean mayDelete() {
    try {
      store.delete(NEVER_THERE);
      return true;
    } catch (IOException e) {
      log.atInfo()
          .setCause(e)
          .log("index blobs are not merged, since none may be deleted; clean-up merges them");
      return false;
    }
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
}
