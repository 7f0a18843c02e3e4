package dev.tidemark.repository.cleanup;

import dev.tidemark.repository.index.ChunkFilter;
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
  private final ChunkFilter live;
  private final Map<PackId, Weight> weights = new HashMap<>();

  /** Indexed packs that are not there, and of them those that something would need. */
  private final Set<PackId> absent = new HashSet<>();

  private final Set<PackId> missed = new HashSet<>();

  private static final class Weight {
    long frameBytes;
    long neededBytes;
  }

  /** A pack that may be chosen, of so many bytes, with the frame bytes of it and those needed. */
  record Candidate(PackId pack, long bytes, long frameBytes, long neededBytes) {
    long deadBytes() {
      return frameBytes - neededBytes;
    }

    double deadShare() {
      return frameBytes == 0 ? 1 : (double) deadBytes() / frameBytes;
    }
  }

  /**
   * @param doomed packs that are announced already
   */
  VictimChoice(PackListing listing, Set<PackId> doomed, ChunkFilter live) {
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
   * Chooses packs: those with most dead in them, until what is dead in the others is at most the
   * share allowed; then small ones if there are several.
   *
   * @param putBefore younger packs, by the store's clock, may be about to be referred to
   */
  List<Candidate> choose(CleanupConfig config, long putBefore) {
    List<Candidate> candidates = candidates(putBefore);
    candidates.sort(
        Comparator.comparingDouble(Candidate::deadShare).reversed().thenComparing(Candidate::pack));
    long dead = candidates.stream().mapToLong(Candidate::deadBytes).sum();
    long needed = candidates.stream().mapToLong(Candidate::neededBytes).sum();
    List<Candidate> wanted = new ArrayList<>();
    List<Candidate> small = new ArrayList<>();
    for (Candidate candidate : candidates) {
      // Copied bytes stay, in another pack. All that is dead goes where it costs no copy.
      boolean tooMuch = dead * 100 > (dead + needed) * config.unusedPercent();
      if (candidate.deadBytes() > 0 && (tooMuch || candidate.neededBytes() == 0)) {
        wanted.add(candidate);
        dead -= candidate.deadBytes();
      } else if (candidate.neededBytes() < config.smallPackBytes()) {
        small.add(candidate);
      }
    }
    // Fewer would be small again when joined, and be joined again and again.
    if (small.size() >= MIN_SMALL_PACKS) {
      small.sort(Comparator.comparingLong(Candidate::neededBytes));
      wanted.addAll(small);
    }
    return withinCopies(wanted, config.rewriteBytes());
  }

  private List<Candidate> candidates(long putBefore) {
    List<Candidate> candidates = new ArrayList<>();
    for (Map.Entry<PackId, PackListing.Listed> pack : listing.packs().entrySet()) {
      Weight weight = weights.get(pack.getKey());
      boolean young = pack.getValue().sinceMillis() > putBefore;
      if (weight != null && !young && !doomed.contains(pack.getKey())) {
        candidates.add(
            new Candidate(
                pack.getKey(), pack.getValue().bytes(), weight.frameBytes, weight.neededBytes));
      }
    }
    return candidates;
  }

  private static List<Candidate> withinCopies(List<Candidate> wanted, long most) {
    List<Candidate> chosen = new ArrayList<>();
    long copied = 0;
    for (Candidate candidate : wanted) {
      copied += candidate.neededBytes();
      if (copied > most) {
        break;
      }
      chosen.add(candidate);
    }
    return chosen;
  }
}
