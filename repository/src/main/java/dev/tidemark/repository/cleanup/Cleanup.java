package dev.tidemark.repository.cleanup;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.blob.BlobMissingException;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.ContentHash;
import dev.tidemark.repository.blob.Grace;
import dev.tidemark.repository.cleanup.ChunkOwners.Cut;
import dev.tidemark.repository.cleanup.VictimChoice.Candidate;
import dev.tidemark.repository.index.ChunkFilter;
import dev.tidemark.repository.index.IndexBlob;
import dev.tidemark.repository.pack.CorruptPackException;
import dev.tidemark.repository.pack.PackId;
import dev.tidemark.repository.pack.PackedChunk;
import dev.tidemark.repository.retention.RetentionPlan;
import dev.tidemark.repository.treelog.Gap;
import dev.tidemark.repository.treelog.Gaps;
import dev.tidemark.repository.victim.Announcement;
import dev.tidemark.repository.victim.Announcements;
import dev.tidemark.repository.victim.VictimList;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Clean-up of one repository. A run goes in steps, each of which may be the last before a crash:
 *
 * <ol>
 *   <li>packs that no index names are indexed, and then are as good as others;
 *   <li>of victims announced a grace ago it is told that their deletion begins;
 *   <li>a point of the log is fixed, and what is not sealed before it is marked;
 *   <li>all that logs and snapshots reach is marked;
 *   <li>what is needed of those victims is copied into new packs, and the owners forget the rest;
 *   <li>the index without them is written, and takes the place of the old one;
 *   <li>they are deleted, then their announcements;
 *   <li>new victims are announced.
 * </ol>
 *
 * The next run finds in the store what the last one left. For one thread.
 */
public final class Cleanup {
  private static final Logger log = LoggerFactory.getLogger(Cleanup.class);

  /** Bounds an announcement, and the manifests that one run takes up. */
  private static final int MAX_VICTIMS = 10_000;

  private static final int EXPECTED_MANIFESTS = 1 << 19;

  private final Repository repository;
  private final BlobStore store;
  private final Announcements announcements;
  private final CleanupConfig config;
  private final InstantSource clock;
  private final RandomGenerator random;

  /**
   * @param clock measures how long a run takes; what is old enough is decided by the store's clock
   * @param random varies which chunks are kept by mistake where memory is short
   */
  public Cleanup(
      Repository repository, CleanupConfig config, InstantSource clock, RandomGenerator random) {
    this.repository = repository;
    this.store = repository.store();
    this.announcements = new Announcements(store);
    this.config = config;
    this.clock = clock;
    this.random = random;
  }

  /** Thrown by a run that went on for longer than others expect; the next one goes on. */
  private static final class TooLateException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * One run.
   *
   * @param owners empty if none can be asked: then victims are announced, and no pack is deleted
   * @throws IOException if something could not be read or written; a log, a snapshot or a list of
   *     extents that is damaged ends a run before anything is deleted
   */
  public CleanupReport run(Optional<ChunkOwners> owners) throws IOException {
    try {
      return new Run(Grace.start(clock)).run(owners);
    } catch (TooLateException e) {
      throw new IOException(
          ("Clean-up took more than %d hours and stopped, since others rely on its being shorter."
                  + " What it has done counts; run it again.")
              .formatted(Grace.TO_REFER.toHours()),
          e);
    }
  }

  /** The state of one run. */
  private final class Run {
    private final Grace time;
    private final Counts counts = new Counts();

    Run(Grace time) {
      this.time = time;
    }

    private void requireInTime() {
      if (time.isOver()) {
        throw new TooLateException();
      }
    }

    CleanupReport run(Optional<ChunkOwners> owners) throws IOException {
      long start = System.nanoTime();
      long now = announcements.storeMillis();
      long before = now - config.grace().toMillis();
      repository.rebuildIndex();
      List<Announcement> announced = announcements.list();
      List<Announcement> due = announced.stream().filter(a -> a.sinceMillis() <= before).toList();
      Optional<Cut> cut = begin(due, owners);
      ChunkFilter live = newFilter(indexedChunks());
      ChunkFilter manifests = newFilter(EXPECTED_MANIFESTS);
      RootMarker marker = new RootMarker(repository, live, manifests);
      if (cut.isPresent()) {
        cut.get().forEachUnsealed(marker::markUnsealed);
      }
      for (TreeName tree : repository.trees()) {
        marker.markTree(tree, before);
      }
      PackListing listing = PackListing.of(store);
      counts.packs = listing.packs().size();
      counts.packBytes =
          listing.packs().values().stream().mapToLong(PackListing.Listed::bytes).sum();
      if (cut.isPresent()) {
        sweepPacks(due, announced, listing, live, cut.get());
      }
      sweepManifests(due, manifests);
      endAnnouncements(due);
      announce(listing, live, manifests, before);
      logEnd(start);
      return counts.report(live);
    }

    private Optional<Cut> begin(List<Announcement> due, Optional<ChunkOwners> owners)
        throws IOException {
      if (owners.isEmpty()) {
        return Optional.empty();
      }
      // Before the log is looked at: from now on nobody relies on these packs who did not before.
      for (Announcement announcement : due) {
        announcements.beginSweep(announcement);
      }
      return Optional.of(owners.get().cut(config.grace()));
    }

    private void sweepPacks(
        List<Announcement> due,
        List<Announcement> announced,
        PackListing listing,
        ChunkFilter live,
        Cut cut)
        throws IOException {
      SortedMap<PackId, BitSet> packs = new TreeMap<>();
      for (Announcement announcement : due) {
        announcement
            .victims()
            .packs()
            .forEach((pack, dead) -> packs.merge(pack, dead, Cleanup::inBoth));
      }
      new PackSweep(
              repository,
              config,
              listing,
              packsOf(announced),
              live,
              cut,
              this::requireInTime,
              counts)
          .run(packs);
    }

    private void sweepManifests(List<Announcement> due, ChunkFilter manifests) throws IOException {
      for (Announcement announcement : due) {
        for (BlobName blob : announcement.victims().blobs()) {
          Optional<ContentHash> hash = manifestHash(blob);
          if (hash.isPresent() && !manifests.mayContain(ChunkId.of(hash.get().bytes()))) {
            requireInTime();
            store.delete(blob);
            counts.manifestsDeleted++;
          }
        }
      }
    }

    private void endAnnouncements(List<Announcement> due) throws IOException {
      for (Announcement announcement : due) {
        boolean done = true;
        for (PackId pack : announcement.victims().packs().keySet()) {
          done &= store.length(pack.blobName()).isEmpty();
        }
        if (done) {
          announcements.end(announcement);
        }
      }
    }

    private void announce(PackListing listing, ChunkFilter live, ChunkFilter manifests, long before)
        throws IOException {
      Set<PackId> doomed = packsOf(announcements.list());
      repository.refresh();
      VictimChoice choice = new VictimChoice(listing, doomed, live);
      choice.weigh(repository.index().blobs());
      dropAbsent(choice.absentPacks());
      counts.deadBytes = choice.deadBytes();
      counts.packsWaiting = doomed.stream().filter(listing::contains).count();
      SortedMap<PackId, BitSet> packs = new TreeMap<>();
      for (Candidate candidate : choice.choose(config, before)) {
        Optional<BitSet> dead = findDead(candidate.pack(), live);
        if (dead.isPresent() && packs.size() < MAX_VICTIMS) {
          packs.put(candidate.pack(), dead.get());
          counts.packsAnnounced++;
          counts.announcedBytes += candidate.bytes();
          counts.bytesToCopy += candidate.neededBytes();
        }
      }
      List<BlobName> blobs = unnamedManifests(manifests, before);
      counts.manifestsAnnounced = blobs.size();
      if (!packs.isEmpty() || !blobs.isEmpty()) {
        requireInTime();
        announcements.announce(new VictimList(packs, blobs));
      }
    }

    /** What a deleter that was stopped for long, or a writer, has named after it was gone. */
    private void dropAbsent(Set<PackId> packs) throws IOException {
      Set<PackId> absent = new HashSet<>();
      for (PackId pack : packs) {
        if (store.length(pack.blobName()).isEmpty()) {
          absent.add(pack);
        }
      }
      // Also joins what has become many small blobs.
      repository.index().drop(absent);
    }

    /** Empty for a pack whose table cannot be read: that is a matter of `verify`. */
    private Optional<BitSet> findDead(PackId pack, ChunkFilter live) throws IOException {
      BitSet dead = new BitSet();
      int place = 0;
      try {
        for (PackedChunk chunk : repository.packs().readTable(pack)) {
          dead.set(place++, !live.mayContain(chunk.id()));
        }
        return Optional.of(dead);
      } catch (CorruptPackException | BlobMissingException e) {
        log.atWarn().addKeyValue("pack", pack).setCause(e).log("damaged pack is left as it is");
        return Optional.empty();
      }
    }

    private void logEnd(long startNanos) {
      log.atInfo()
          .addKeyValue("packs", counts.packs)
          .addKeyValue("packsDeleted", counts.packsDeleted)
          .addKeyValue("bytesDeleted", counts.bytesDeleted)
          .addKeyValue("bytesCopied", counts.bytesCopied)
          .addKeyValue("packsAnnounced", counts.packsAnnounced)
          .addKeyValue("millis", (System.nanoTime() - startNanos) / 1_000_000)
          .log("clean-up done");
    }
  }

  private static BitSet inBoth(BitSet first, BitSet second) {
    BitSet both = (BitSet) first.clone();
    both.and(second);
    return both;
  }

  private static Set<PackId> packsOf(Collection<Announcement> announced) {
    Set<PackId> packs = new HashSet<>();
    announced.forEach(announcement -> packs.addAll(announcement.victims().packs().keySet()));
    return packs;
  }

  private long indexedChunks() throws IOException {
    return repository.index().blobs().stream().mapToLong(IndexBlob::size).sum();
  }

  private ChunkFilter newFilter(long expected) {
    return new ChunkFilter(expected, config.filterBytes(), random.nextLong());
  }

  private static Optional<ContentHash> manifestHash(BlobName blob) {
    String last = blob.lastPart();
    if (!blob.value().contains("/manifests/") || !last.endsWith(".avro") || last.length() != 69) {
      return Optional.empty();
    }
    try {
      return Optional.of(new ContentHash(last.substring(0, 64)));
    } catch (IllegalArgumentException foreign) {
      return Optional.empty();
    }
  }

  private List<BlobName> unnamedManifests(ChunkFilter named, long putBefore) throws IOException {
    Set<BlobName> waiting = new HashSet<>();
    announcements.list().forEach(a -> waiting.addAll(a.victims().blobs()));
    List<BlobName> unnamed = new ArrayList<>();
    for (TreeName tree : repository.trees()) {
      store.list(
          "trees/" + tree + "/manifests/",
          status -> {
            boolean old = status.modifiedMillis() <= putBefore;
            boolean unused =
                manifestHash(status.name())
                    .filter(hash -> !named.mayContain(ChunkId.of(hash.bytes())))
                    .isPresent();
            if (old && unused && unnamed.size() < MAX_VICTIMS && waiting.add(status.name())) {
              unnamed.add(status.name());
            }
          });
    }
    return unnamed;
  }

  /**
   * What retention and the clean-up after it would free, if nothing else happened. Writes nothing.
   *
   * @param plans of the trees that retention is planned for
   */
  public CleanupReport estimate(List<RetentionPlan> plans) throws IOException {
    repository.refresh();
    Counts counts = new Counts();
    ChunkFilter live = newFilter(indexedChunks());
    RootMarker marker = new RootMarker(repository, live, newFilter(EXPECTED_MANIFESTS));
    Map<TreeName, RetentionPlan> planned = new HashMap<>();
    plans.forEach(plan -> planned.put(plan.tree(), plan));
    for (TreeName tree : repository.trees()) {
      RetentionPlan plan = planned.get(tree);
      List<Gap> gaps = new ArrayList<>(repository.log(tree).list().gaps());
      if (plan != null) {
        plan.ranges().forEach(range -> gaps.add(new Gap(tree, range.first(), range.last(), 0)));
      }
      marker.markRest(
          tree,
          Gaps.of(gaps),
          plan == null ? Set.of() : Set.copyOf(plan.snapshotsToDelete()),
          plan == null ? List.of() : plan.snapshotsToMake());
    }
    PackListing listing = PackListing.of(store);
    counts.packs = listing.packs().size();
    counts.packBytes = listing.packs().values().stream().mapToLong(PackListing.Listed::bytes).sum();
    Set<PackId> doomed = packsOf(announcements.list());
    VictimChoice choice = new VictimChoice(listing, doomed, live);
    choice.weigh(repository.index().blobs());
    counts.deadBytes = choice.deadBytes();
    counts.packsWaiting = doomed.stream().filter(listing::contains).count();
    for (Candidate candidate : choice.choose(config, Long.MAX_VALUE)) {
      counts.packsAnnounced++;
      counts.announcedBytes += candidate.bytes();
      counts.bytesToCopy += candidate.neededBytes();
    }
    return counts.report(live);
  }
}
