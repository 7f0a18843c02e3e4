package dev.tidemark.repository.cleanup;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.blob.BlobMissingException;
import dev.tidemark.repository.cleanup.ChunkOwners.Answers;
import dev.tidemark.repository.cleanup.ChunkOwners.Cut;
import dev.tidemark.repository.index.ChunkFilter;
import dev.tidemark.repository.index.ChunkLocation;
import dev.tidemark.repository.pack.CorruptPackException;
import dev.tidemark.repository.pack.PackEntry;
import dev.tidemark.repository.pack.PackId;
import dev.tidemark.repository.pack.PackedChunk;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.frame.CorruptFrameException;
import dev.tidemark.schemas.frame.Frame;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Empties packs whose grace is over, and deletes them. In memory are the tables of some packs, and
 * twice the bytes of a new one. Owned by one thread.
 */
final class PackSweep {
  private static final Logger log = LoggerFactory.getLogger(PackSweep.class);

  /** Bounds what is held at once, in entries of packs. */
  private static final int BATCH_ENTRIES = 1 << 17;

  private final Repository repository;
  private final CleanupConfig config;
  private final PackListing listing;
  private final Set<PackId> doomed;
  private final ChunkFilter live;
  private final Cut cut;
  private final Runnable requireInTime;
  private final Counts counts;

  /**
   * @param doomed all packs that are announced, due or not: none of them counts as a place
   * @param requireInTime throws once this run has taken so long that others may not expect it
   */
  PackSweep(
      Repository repository,
      CleanupConfig config,
      PackListing listing,
      Set<PackId> doomed,
      ChunkFilter live,
      Cut cut,
      Runnable requireInTime,
      Counts counts) {
    this.repository = repository;
    this.config = config;
    this.listing = listing;
    this.doomed = doomed;
    this.live = live;
    this.cut = cut;
    this.requireInTime = requireInTime;
    this.counts = counts;
  }

  /** One entry of a pack that is to go, of which no pack that stays has a copy. */
  private record Entry(PackId pack, PackedChunk chunk) {}

  /**
   * Deletes packs, of which some may be gone already.
   *
   * @param due with the entries that nothing reached when they were announced
   */
  void run(SortedMap<PackId, BitSet> due) throws IOException {
    SortedMap<PackId, List<PackedChunk>> batch = new TreeMap<>();
    int entries = 0;
    for (PackId pack : due.keySet()) {
      if (!listing.contains(pack)) {
        continue;
      }
      try {
        List<PackedChunk> table = repository.packs().readTable(pack);
        batch.put(pack, table);
        entries += table.size();
      } catch (CorruptPackException e) {
        leave(pack, e);
      } catch (BlobMissingException deletedMeanwhile) {
        continue;
      }
      if (entries >= BATCH_ENTRIES) {
        sweep(batch, due);
        batch.clear();
        entries = 0;
      }
    }
    sweep(batch, due);
  }

  private void leave(PackId pack, IOException reason) {
    counts.packsLeft++;
    log.atWarn()
        .addKeyValue("pack", pack)
        .setCause(reason)
        .log("pack is damaged, it is not deleted while it may hold what is needed");
  }

  private void sweep(SortedMap<PackId, List<PackedChunk>> batch, Map<PackId, BitSet> due)
      throws IOException {
    if (batch.isEmpty()) {
      return;
    }
    List<Entry> needed = new ArrayList<>();
    Map<ChunkId, List<Entry>> unreached = new LinkedHashMap<>();
    for (Map.Entry<PackId, List<PackedChunk>> pack : batch.entrySet()) {
      BitSet wasDead = due.getOrDefault(pack.getKey(), new BitSet());
      int place = 0;
      for (PackedChunk chunk : pack.getValue()) {
        // A reader of an instant that was there when this pack was announced may have begun then.
        boolean isDead = wasDead.get(place++) && !live.mayContain(chunk.id());
        Entry entry = new Entry(pack.getKey(), chunk);
        if (staysElsewhere(chunk.id())) {
          continue;
        }
        if (isDead) {
          unreached.computeIfAbsent(chunk.id(), _ -> new ArrayList<>(1)).add(entry);
        } else {
          needed.add(entry);
        }
      }
    }
    Set<PackId> kept = new HashSet<>();
    needed.addAll(condemn(unreached, kept));
    copy(needed, kept);
    Set<PackId> going = new HashSet<>(batch.keySet());
    going.removeAll(kept);
    counts.packsLeft += kept.size();
    delete(going);
  }

  private boolean staysElsewhere(ChunkId id) throws IOException {
    for (ChunkLocation location : repository.index().findAll(id)) {
      if (!doomed.contains(location.pack()) && listing.contains(location.pack())) {
        return true;
      }
    }
    return false;
  }

  /**
   * Asks the owners; what they refuse is needed, and for want of an answer a pack is kept.
   *
   * @return one entry of each chunk that is refused
   */
  private List<Entry> condemn(Map<ChunkId, List<Entry>> unreached, Set<PackId> kept)
      throws IOException {
    List<Entry> needed = new ArrayList<>();
    if (unreached.isEmpty()) {
      return needed;
    }
    Answers answers = cut.condemn(List.copyOf(unreached.keySet()));
    for (Map.Entry<ChunkId, List<Entry>> chunk : unreached.entrySet()) {
      if (answers.released().contains(chunk.getKey())) {
        counts.released++;
      } else if (answers.refused().contains(chunk.getKey())) {
        counts.refused++;
        needed.addAll(chunk.getValue());
      } else {
        chunk.getValue().forEach(entry -> kept.add(entry.pack()));
      }
    }
    return needed;
  }

  private void copy(List<Entry> needed, Set<PackId> kept) throws IOException {
    Map<ChunkId, PackEntry> open = new LinkedHashMap<>();
    Map<ChunkId, Integer> copied = new HashMap<>();
    long bytes = 0;
    for (Entry entry : needed) {
      if (copied.containsKey(entry.chunk().id()) || kept.contains(entry.pack())) {
        continue;
      }
      byte[] frame;
      try {
        frame = read(entry);
      } catch (CorruptPackException e) {
        leave(entry.pack(), e);
        counts.packsLeft--; // Counted with the others that are kept.
        kept.add(entry.pack());
        continue;
      }
      open.put(entry.chunk().id(), new PackEntry(entry.chunk().id(), frame));
      copied.put(entry.chunk().id(), frame.length);
      bytes += frame.length;
      if (bytes >= config.packBytes()) {
        store(open);
        bytes = 0;
      }
    }
    store(open);
  }

  private byte[] read(Entry entry) throws IOException {
    PackedChunk chunk = entry.chunk();
    byte[] frame = repository.packs().read(entry.pack(), chunk.position(), chunk.length());
    try {
      Frame.decode(chunk.id(), frame);
      return frame;
    } catch (CorruptFrameException e) {
      throw repository
          .packs()
          .corrupt(
              entry.pack(), "at position %d: %s".formatted(chunk.position(), e.getMessage()), e);
    }
  }

  private void store(Map<ChunkId, PackEntry> open) throws IOException {
    if (open.isEmpty()) {
      return;
    }
    repository.storePack(List.copyOf(open.values()));
    for (PackEntry entry : open.values()) {
      counts.chunksCopied++;
      counts.bytesCopied += entry.frame().length;
    }
    open.clear();
  }

  /** First nobody is sent to them any more, then they go. */
  private void delete(Set<PackId> going) throws IOException {
    if (going.isEmpty()) {
      return;
    }
    requireInTime.run();
    repository.index().drop(going);
    for (PackId pack : going) {
      requireInTime.run();
      repository.store().delete(pack.blobName());
      counts.packsDeleted++;
      PackListing.Listed listed = listing.packs().get(pack);
      counts.bytesDeleted += listed == null ? 0 : listed.bytes();
    }
  }
}
