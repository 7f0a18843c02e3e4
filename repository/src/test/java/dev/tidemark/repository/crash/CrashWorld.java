package dev.tidemark.repository.crash;

import static dev.tidemark.repository.TestData.DESCRIPTOR;
import static dev.tidemark.repository.TestData.entry;
import static dev.tidemark.repository.TestData.idOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.SimulatedLog;
import dev.tidemark.repository.SimulatedTree;
import dev.tidemark.repository.SimulatedTree.Moment;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.InMemoryBlobStore;
import dev.tidemark.repository.blob.TimedBlobStore;
import dev.tidemark.repository.cleanup.Cleanup;
import dev.tidemark.repository.cleanup.CleanupConfig;
import dev.tidemark.repository.cleanup.SimulatedOwner;
import dev.tidemark.repository.pack.Pack;
import dev.tidemark.repository.pack.PackId;
import dev.tidemark.repository.pack.PackReader;
import dev.tidemark.repository.retention.RetentionModel;
import dev.tidemark.repository.retention.RetentionPolicy;
import dev.tidemark.repository.retention.TreeRetention;
import dev.tidemark.repository.verify.ChunkSource;
import dev.tidemark.repository.verify.VerifyMode;
import dev.tidemark.repository.verify.VerifyReport;
import dev.tidemark.repository.victim.Announcements;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.cursor.Cursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A repository in which a task is due, and what must be restorable from it whatever becomes of the
 * task. The same seed gives the same world in another process. Its past is played on a simulated
 * clock, then brought to a place with the ages that its blobs have.
 */
final class CrashWorld {
  private static final long HOUR = 3_600_000;
  private static final long DAY = 24 * HOUR;
  private static final Duration GRACE = Duration.ofHours(24);
  private static final RetentionPolicy POLICY =
      new RetentionPolicy(Duration.ofDays(1), 0, 2, 0, 0, 0, ZoneId.of("UTC"));

  private final CrashTask task;
  private final Random random;
  private long now = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();
  private final InstantSource clock = () -> Instant.ofEpochMilli(now);
  private final TimedBlobStore past = new TimedBlobStore(new InMemoryBlobStore(), clock);
  private final SimulatedOwner owner = new SimulatedOwner(clock);
  private final SimulatedTree tree;
  private final TreeMap<Long, Moment> kept = new TreeMap<>();

  private final Set<String> texts = new TreeSet<>();

  /** What the repository no longer has, and nothing else, others have. */
  private final Set<ChunkId> withOthers = new HashSet<>();

  CrashWorld(long seed, CrashTask task) throws IOException {
    this.task = task;
    random = new Random(seed);
    tree =
        new SimulatedTree(
            new TreeName("web"),
            random,
            6,
            now,
            text -> {
              texts.add(text);
              owner.take(text);
            });
    owner.add(tree);
    if (task != CrashTask.CREATE) {
      Repository.create(past, DESCRIPTOR);
      play(Repository.open(past, clock));
    }
  }

  private void play(Repository repository) throws IOException {
    switch (task) {
      case CREATE -> {}
      case WRITE -> {
        churn(repository, 8);
        repository.history(tree.name()).snapshotNow();
        for (int i = 0; i < 3; i++) {
          tree.putFile(i, "new " + i, ++now);
        }
      }
      case RETAIN -> {
        churn(repository, 6);
        repository.history(tree.name()).snapshotNow();
        churn(repository, 6);
        now += 2 * DAY;
        churn(repository, 3);
        now += 2 * DAY;
        churn(repository, 3);
        // Its gaps are a grace old by now.
        retain(repository);
        now += 2 * DAY;
        churn(repository, 6);
        repository.history(tree.name()).snapshotNow();
        churn(repository, 3);
        now += 2 * DAY;
        churn(repository, 4);
      }
      case CLEAN_UP -> {
        // One pack of many chunks of which one is in use, and single ones: both become victims.
        for (int i = 0; i < 6; i++) {
          tree.putFile(i, "first " + i, ++now);
        }
        owner.flush(repository);
        for (int i = 1; i < 6; i++) {
          now += HOUR;
          tree.putFile(i, "second " + i, now);
          owner.flush(repository);
          repository.history(tree.name()).snapshotNow();
        }
        age(repository);
        cleanUp(repository, clock);
        // Garbage of which nobody has heard yet, and a pack of which a crash has left no more.
        Pack alone = Pack.encode(List.of(entry("left alone")));
        past.put(alone.id().blobName(), alone.bytes());
        churn(repository, 14);
        repository.history(tree.name()).snapshotNow();
        age(repository);
        now += DAY + HOUR;
      }
      case REPAIR -> {
        for (int round = 0; round < 4; round++) {
          tree.putFile(0, "a" + round, ++now);
          tree.putFile(1, "b" + round, ++now);
          owner.flush(repository);
          repository.history(tree.name()).snapshotNow();
        }
        damage();
      }
    }
    tree.moments().forEach(kept::putIfAbsent);
    if (task == CrashTask.RETAIN || task == CrashTask.CLEAN_UP) {
      kept.keySet()
          .retainAll(RetentionModel.keep(POLICY, GRACE.toMillis(), kept.values(), Set.of()));
    }
  }

  private void churn(Repository repository, int changes) throws IOException {
    for (int i = 0; i < changes; i++) {
      now += random.nextLong(3 * HOUR);
      tree.putFile(now);
      if (i % 3 == 2) {
        tree.remove(now);
      }
      owner.flush(repository);
    }
  }

  /** Old instants go, and a grace later what only they had. */
  private void age(Repository repository) throws IOException {
    for (int i = 0; i < 2; i++) {
      now += 3 * DAY;
      tree.putFile(5, "newest " + i + now, now);
      owner.flush(repository);
      retain(repository);
    }
    now += DAY + HOUR;
  }

  private void retain(Repository repository) throws IOException {
    tree.moments().forEach(kept::putIfAbsent);
    kept.keySet().retainAll(RetentionModel.keep(POLICY, GRACE.toMillis(), kept.values(), Set.of()));
    retainNow(repository, now);
  }

  private void retainNow(Repository repository, long storeMillis) throws IOException {
    TreeRetention retention = new TreeRetention(repository, tree.name(), GRACE);
    retention.sweep(storeMillis);
    var plan = retention.plan(POLICY);
    if (plan.isPresent()) {
      retention.apply(plan.get());
    }
  }

  private void cleanUp(Repository repository, InstantSource hostClock) throws IOException {
    new Cleanup(repository, CleanupConfig.DEFAULT, hostClock, new Random(1))
        .run(Optional.of(owner));
  }

  /**
   * A byte of one pack, the whole of another, an index blob, the newest snapshot, and of the log
   * one segment missing and the one behind it damaged.
   */
  private void damage() throws IOException {
    List<BlobName> packs = names(past, "packs/");
    for (BlobName pack : packs.subList(0, 2)) {
      new PackReader(past)
          .readTable(PackId.find(pack).orElseThrow())
          .forEach(chunk -> withOthers.add(chunk.id()));
    }
    flip(packs.get(0), 50);
    past.delete(packs.get(1));
    flip(names(past, "index/").get(2), 40);
    flip(names(past, "trees/web/snapshots/").getLast(), 60);
    List<BlobName> segments = names(past, "trees/web/log/");
    past.delete(segments.get(1));
    flip(segments.get(2), 60);
  }

  private void flip(BlobName name, int at) throws IOException {
    byte[] bytes = past.get(name);
    bytes[Math.min(at, bytes.length - 1)] ^= 1;
    past.replace(name, ByteBuffer.wrap(bytes));
  }

  private static List<BlobName> names(BlobStore store, String folder) throws IOException {
    List<BlobName> names = new ArrayList<>();
    store.list(folder, status -> names.add(status.name()));
    names.sort(Comparator.comparing(BlobName::value));
    return names;
  }

  /** Brings the repository to a place, each blob as old as it is. */
  void copyTo(CrashPlace place) throws IOException {
    long ahead = System.currentTimeMillis() - now;
    Map<BlobName, Long> times = new HashMap<>();
    past.list("", status -> times.put(status.name(), status.modifiedMillis()));
    Map<BlobName, CrashPlace.Aged> blobs = new HashMap<>();
    for (Map.Entry<BlobName, Long> blob : times.entrySet()) {
      blobs.put(
          blob.getKey(), new CrashPlace.Aged(past.get(blob.getKey()), blob.getValue() + ahead));
    }
    place.fill(blobs);
  }

  /** Does the task; after a failure, or in a new process, again. */
  void run(CrashingStore store) throws IOException {
    if (task == CrashTask.CREATE) {
      Repository.create(store, DESCRIPTOR);
      return;
    }
    Repository repository = Repository.open(store, store.clock());
    switch (task) {
      case CREATE -> throw new AssertionError("done");
      case WRITE -> {
        owner.flush(repository);
        repository.history(tree.name()).snapshotNow();
      }
      case RETAIN -> retainNow(repository, new Announcements(store).storeMillis());
      case CLEAN_UP -> cleanUp(repository, store.clock());
      case REPAIR ->
          repository.repair(List.of(new Others()), Optional.of(SimulatedLog.of(tree)), _ -> {});
    }
  }

  /** The same process, or a new one, goes on where the last has ended. */
  void goOn(CrashPlace place) throws IOException {
    try (BlobStore store = place.open()) {
      if (task == CrashTask.CREATE && isMade(store)) {
        return;
      }
      if (task == CrashTask.WRITE) {
        owner.startOver(Repository.open(store));
      }
      run(new CrashingStore(store));
    }
  }

  private static boolean isMade(BlobStore store) throws IOException {
    return store.length(new BlobName("tidemark.json")).isPresent();
  }

  private final class Others implements ChunkSource {
    @Override
    public String name() {
      return "others";
    }

    @Override
    public void find(Set<ChunkId> wanted, Finder onFound) throws IOException {
      for (String text : texts) {
        if (wanted.contains(idOf(text)) && withOthers.contains(idOf(text))) {
          onFound.found(entry(text));
        }
      }
    }
  }

  /** Nothing is missing or damaged, at whatever step the task has ended. */
  void assertSound(CrashPlace place) throws IOException {
    try (BlobStore store = place.copy()) {
      if (task == CrashTask.CREATE && !isMade(store)) {
        return;
      }
      Repository repository = Repository.open(store);
      VerifyReport report = repository.verify(VerifyMode.READ_DATA);
      assertThat(report.damages()).isEmpty();
      long end = repository.log(tree.name()).resumePoint().map(Cursor::sequence).orElse(0L);
      for (Moment moment : kept.headMap(end, true).values()) {
        SimulatedTree.assertRestores(repository, tree.name(), moment);
      }
    }
  }

  /** Nothing has got worse that a repair has begun with. */
  void assertNoWorse(CrashPlace place) throws IOException {
    if (task != CrashTask.REPAIR) {
      assertSound(place);
      return;
    }
    try (BlobStore store = place.copy()) {
      assertThat(restorable(Repository.open(store))).containsAll(restorable(Repository.open(past)));
    }
  }

  private Set<Long> restorable(Repository repository) {
    Set<Long> sequences = new TreeSet<>();
    for (Moment moment : kept.values()) {
      try {
        SimulatedTree.assertRestores(repository, tree.name(), moment);
        sequences.add(moment.sequence());
      } catch (IOException damaged) {
        // Not this one.
      }
    }
    return sequences;
  }

  /** All that was there to be sealed is. */
  void assertDone(CrashPlace place) throws IOException {
    assertSound(place);
    if (task == CrashTask.CREATE) {
      return;
    }
    try (BlobStore store = place.copy()) {
      assertThat(Repository.open(store).log(tree.name()).resumePoint().map(Cursor::sequence))
          .contains(tree.cursor().sequence());
    }
  }

  /** How many blobs of each kind there are. */
  static Map<String, Integer> inventory(CrashPlace place) throws IOException {
    Map<String, Integer> counts = new TreeMap<>();
    try (BlobStore store = place.open()) {
      store.list("", status -> counts.merge(CrashStep.kindOf(status.name()), 1, Integer::sum));
    }
    return counts;
  }
}
