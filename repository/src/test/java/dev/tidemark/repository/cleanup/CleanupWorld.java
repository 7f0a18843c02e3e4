package dev.tidemark.repository.cleanup;

import static dev.tidemark.repository.TestData.DESCRIPTOR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.SimulatedTree;
import dev.tidemark.repository.SimulatedTree.Moment;
import dev.tidemark.repository.TestData;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.InMemoryBlobStore;
import dev.tidemark.repository.blob.TimedBlobStore;
import dev.tidemark.repository.history.At;
import dev.tidemark.repository.history.NoSuchInstantException;
import dev.tidemark.repository.pack.PackId;
import dev.tidemark.repository.pack.PackedChunk;
import dev.tidemark.repository.retention.RetentionModel;
import dev.tidemark.repository.retention.RetentionPolicy;
import dev.tidemark.repository.retention.TreeRetention;
import dev.tidemark.repository.treelog.LogCompaction;
import dev.tidemark.repository.verify.VerifyMode;
import dev.tidemark.repository.victim.Announcements;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Trees, their chunk-store and their repository under one clock, and what is to be kept of them.
 */
final class CleanupWorld {
  static final long HOUR = 3_600_000;
  static final long DAY = 24 * HOUR;
  static final Duration GRACE = Duration.ofHours(24);

  private static final long START = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();

  long now = START;
  final InstantSource clock = () -> Instant.ofEpochMilli(now);

  /** What {@link #store} lies in, unless a test has brought another. */
  final InMemoryBlobStore memory = new InMemoryBlobStore();

  final BlobStore base;
  final TimedBlobStore store;
  final SimulatedOwner owner = new SimulatedOwner(clock);
  final Random random;
  final Map<TreeName, SimulatedTree> trees = new TreeMap<>();
  CleanupConfig config = CleanupConfig.DEFAULT;
  Repository repository;

  /** What can be restored of each tree. */
  private final Map<TreeName, TreeMap<Long, Moment>> left = new TreeMap<>();

  CleanupWorld(Random random) throws IOException {
    this(random, Optional.empty());
  }

  CleanupWorld(Random random, BlobStore base) throws IOException {
    this(random, Optional.of(base));
  }

  private CleanupWorld(Random random, Optional<BlobStore> brought) throws IOException {
    this.random = random;
    this.base = brought.orElse(memory);
    this.store = new TimedBlobStore(base, clock);
    Repository.create(store, DESCRIPTOR);
    repository = Repository.open(store, clock);
  }

  SimulatedTree addTree(String name, int names) {
    SimulatedTree tree =
        new SimulatedTree(new TreeName(name), random, names, now, text -> owner.take(text));
    trees.put(tree.name(), tree);
    owner.add(tree);
    return tree;
  }

  SimulatedTree tree() {
    return trees.values().iterator().next();
  }

  /** Another process opens the repository; the chunk-store goes on with its state or without. */
  void reopen() throws IOException {
    repository = Repository.open(store, clock);
    if (random.nextBoolean()) {
      owner.startOver(repository);
    } else {
      owner.resume(repository);
    }
  }

  void flush() throws IOException {
    owner.flush(repository);
  }

  /** What the chunk-store does beside sealing, with segments small enough for these trees. */
  void compactLogs() throws IOException {
    for (SimulatedTree tree : trees.values()) {
      new LogCompaction(store, repository.log(tree.name()), 3).run();
    }
  }

  CleanupReport cleanUp() throws IOException {
    return new Cleanup(repository, config, clock, random).run(Optional.of(owner));
  }

  /** Applies a policy to all trees, and remembers what it leaves. */
  void retain(RetentionPolicy policy) throws IOException {
    for (SimulatedTree tree : trees.values()) {
      TreeRetention retention = new TreeRetention(repository, tree.name(), GRACE);
      // If this dies, more may be left for now; what policy chooses of that is the same.
      moments(tree).keySet().retainAll(expect(tree, policy));
      retention.sweep(new Announcements(store).storeMillis());
      var plan = retention.plan(policy);
      if (plan.isPresent()) {
        retention.apply(plan.get());
      }
    }
  }

  /** What a policy keeps of a tree, all of which is sealed. */
  TreeSet<Long> expect(SimulatedTree tree, RetentionPolicy policy) throws IOException {
    assertThat(tree.unsealed()).isEmpty();
    return RetentionModel.keep(policy, GRACE.toMillis(), moments(tree).values(), Set.of());
  }

  /** What can be restored of a tree. */
  TreeMap<Long, Moment> moments(SimulatedTree tree) {
    TreeMap<Long, Moment> moments = left.computeIfAbsent(tree.name(), _ -> new TreeMap<>());
    long last = moments.isEmpty() ? 0 : moments.lastKey();
    moments.putAll(tree.moments().tailMap(last, false));
    return moments;
  }

  void assertAllIsThere(VerifyMode mode) throws IOException {
    assertMomentsRestore(Integer.MAX_VALUE);
    assertThat(Repository.open(store).verify(mode).damages()).isEmpty();
  }

  /** Restores all moments that are kept, or some of them. */
  void assertMomentsRestore(int most) throws IOException {
    Repository reader = Repository.open(store);
    for (SimulatedTree tree : trees.values()) {
      List<Moment> sealed = new ArrayList<>(moments(tree).headMap(sealedTo(tree), true).values());
      Collections.shuffle(sealed, random);
      for (Moment moment : sealed.subList(0, Math.min(most, sealed.size()))) {
        SimulatedTree.assertRestores(reader, tree.name(), moment);
      }
    }
  }

  private static long sealedTo(SimulatedTree tree) {
    return tree.unsealed().isEmpty() ? Long.MAX_VALUE : tree.unsealed().getFirst().sequence() - 1;
  }

  void assertGone(SimulatedTree tree, long sequence) {
    assertThatThrownBy(() -> repository.history(tree.name()).at(new At.Sequence(sequence)))
        .isInstanceOf(NoSuchInstantException.class);
  }

  /** Chunks that some kept moment, or something on its way, names. */
  Set<ChunkId> needed() {
    Set<ChunkId> needed = new HashSet<>();
    for (SimulatedTree tree : trees.values()) {
      moments(tree).values().forEach(moment -> needed.addAll(SimulatedTree.idsOf(moment)));
    }
    return needed;
  }

  Set<PackId> packs() throws IOException {
    Set<PackId> packs = new TreeSet<>();
    base.list(PackId.FOLDER, status -> PackId.find(status.name()).ifPresent(packs::add));
    return packs;
  }

  List<ChunkId> chunksOf(PackId pack) throws IOException {
    return repository.packs().readTable(pack).stream().map(PackedChunk::id).toList();
  }

  /** Copies of chunks in all packs. */
  List<ChunkId> storedChunks() throws IOException {
    List<ChunkId> ids = new ArrayList<>();
    for (PackId pack : packs()) {
      ids.addAll(chunksOf(pack));
    }
    return ids;
  }

  static ChunkId id(String text) {
    return TestData.idOf(text);
  }
}
