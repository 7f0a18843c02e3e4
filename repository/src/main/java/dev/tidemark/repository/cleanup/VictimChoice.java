package dev.tidemark.repository.cleanup;

import dev.tidemark.repository.index.ChunkLocation;
import dev.tidemark.repository.index.IndexBlob;
import dev.tidemark.repository.pack.PackId;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Weighs the packs and chooses those that are not worth keeping. Memory grows with the number of
 * packs. Owned by one thread.
 */
final class VictimChoice {
  private static final int MIN_SMALL_PACKS = 8;

  private final PackListing listing;
  private final Set<PackId> doomed;
  private final LiveFilter live;
  private final Map<PackId, Weight> weights = new HashMap<>();

  /** Indexed packs that are not there, and of them those that something would need. */
  private final Set<PackId> absent = new HashSet<>();

  private final Set<PackId> missed = new HashSet<>();

  private static final class Weight {
    long frameBytes;
    long neededBytes;
  }

  /** A pack that may be chosen, with the frame bytes in it that are needed. */
  record Candidate(PackId pack, long bytes, long neededBytes) {}

  /**
   * @param doomed packs that are announced already
   */
  VictimChoice(PackListing listing, Set<PackId> doomed, LiveFilter live) {
    this.listing = listing;
    this.doomed = doomed;
    this.live = live;
  }

  void weigh(List<IndexBlob> blobs) throws IOException {
    IndexWalk.run(blobs, this::weigh);
  }

  private void weigh(ChunkId id, List<ChunkLocation> locations) {
    boolean needed = live.mayContain(id);
    ChunkLocation keeper = null;
    for (ChunkLocation location : locations) {
      PackId pack = location.pack();
      if (!listing.contains(pack)) {
        absent.add(pack);
        continue;
      }
      weights.computeIfAbsent(pack, _ -> new Weight()).frameBytes += location.length();
      boolean stays = !doomed.contains(pack);
      // Every run chooses the same of several copies, or two runs would spoil one each.
      if (stays && (keeper == null || pack.compareTo(keeper.pack()) < 0)) {
        keeper = location;
      }
    }
    if (needed && keeper != null) {
      weights.computeIfAbsent(keeper.pack(), _ -> new Weight()).neededBytes += keeper.length();
    }
    if (needed && locations.stream().noneMatch(location -> listing.contains(location.pack()))) {
      locations.forEach(location -> missed.add(location.pack()));
    }
  }

  /** Frame bytes in packs that stay so far, but that nothing needs there. */
  long deadBytes() {
    long dead = 0;
    for (Map.Entry<PackId, Weight> pack : weights.entrySet()) {
      if (!doomed.contains(pack.getKey())) {
        dead += pack.getValue().frameBytes - pack.getValue().neededBytes;
      }
    }
    return dead;
  }

  /** Packs that are in the index but not in the store, and that nothing misses. */
  Set<PackId> absentPacks() {
    Set<PackId> packs = new HashSet<>(absent);
    packs.removeAll(missed);
    return packs;
  }

  /**
   * Chooses packs: those mostly dead first, then small ones if there are several.
   *
   * @param putBefore younger packs, by the store's clock, may be about to be referred to
   */
  List<Candidate> choose(CleanupConfig config, long putBefore) {
    List<Candidate> mostlyDead = new ArrayList<>();
    List<Candidate> small = new ArrayList<>();
    for (Map.Entry<PackId, PackListing.Listed> pack : listing.packs().entrySet()) {
      Weight weight = weights.get(pack.getKey());
      boolean young = pack.getValue().sinceMillis() > putBefore;
      if (weight == null || young || doomed.contains(pack.getKey())) {
        continue;
      }
      Candidate candidate =
          new Candidate(pack.getKey(), pack.getValue().bytes(), weight.neededBytes);
      long dead = weight.frameBytes - weight.neededBytes;
      if (dead * 100 >= (long) config.deadPercent() * weight.frameBytes) {
        mostlyDead.add(candidate);
      } else if (weight.neededBytes < config.smallPackBytes()) {
        small.add(candidate);
      }
    }
    List<Candidate> order = new ArrayList<>(mostlyDead);
    // Fewer would be small again when joined, and be joined again and again.
    if (small.size() >= MIN_SMALL_PACKS) {
      order.addAll(small);
    }
    order.sort(Comparator.comparingLong(Candidate::neededBytes).thenComparing(Candidate::pack));
    List<Candidate> chosen = new ArrayList<>();
    long copied = 0;
    for (Candidate candidate : order) {
      copied += candidate.neededBytes();
      if (copied > config.rewriteBytes()) {
        break;
      }
      chosen.add(candidate);
    }
    return chosen;
  }
}
