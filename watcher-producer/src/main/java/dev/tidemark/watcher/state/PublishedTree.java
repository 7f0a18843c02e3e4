package dev.tidemark.watcher.state;

import dev.tidemark.filesystem.entry.Batch;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The tree as handed to the log: the state store, and over it what is not yet acknowledged.
 *
 * <p>A chunk counts a holder once the put that names it is acknowledged, and loses it when the
 * change that takes it away is handed over. So a chunk with holders is held by a path whose newest
 * published change is acknowledged, and a put that leaves out its body is safe from clean-up.
 *
 * <p>Beside each entry that is no directory stands its inode in an index, so that all names of an
 * inode are found without a scan.
 *
 * <p>Everything but the {@code find} methods and {@link #namesOf} belongs to the keeper. All writes
 * are gathered until {@link #commit}, which must come before the changes handed over are sent: it
 * marks their paths as in doubt.
 */
public final class PublishedTree implements AutoCloseable {
  private static final long COMMIT_BYTES = 4 << 20;
  private static final byte[] NOTHING = {};

  /** Names of one inode that are given out at once. */
  private static final int MOST_NAMES = 100_000;

  private static final byte[][] DOUBTS = {
    {(byte) Doubt.ENTRY.ordinal()}, {(byte) Doubt.SUBTREE.ordinal()}
  };

  private final StateStore store;
  private final Batch batch;
  private final Map<EntryKey, Step> steps = new ConcurrentHashMap<>();
  private final Map<ChunkId, ChunkState> chunks = new ConcurrentHashMap<>();
  private final List<Step> settled = new ArrayList<>();
  private final Map<Long, Set<EntryKey>> namesInSteps = new ConcurrentHashMap<>();
  private final Map<Long, Set<Name>> unsettled = new ConcurrentHashMap<>();
  private final Map<Long, EntryKey> newestNames = Collections.synchronizedMap(new NewestNames());
  private Set<Long> leftInodes = new LinkedHashSet<>();
  private boolean dirty;
  private long acknowledged = -1;

  public PublishedTree(StateStore store) {
    this.store = store;
    this.batch = store.batch();
  }

  /** Bounded: it only says where to look first. */
  private static final class NewestNames extends LinkedHashMap<Long, EntryKey> {
    private static final long serialVersionUID = 1L;
    private static final int MOST = 10_000;

    @Override
    protected boolean removeEldestEntry(Map.Entry<Long, EntryKey> eldest) {
      return size() > MOST;
    }
  }

  /** The entry as last handed over. From any thread. */
  public Optional<EntryRecord> find(EntryKey key) throws IOException {
    Step step = steps.get(key);
    return step == null ? store.find(key) : Optional.ofNullable(step.record());
  }

  /**
   * The entry as it was handed over, or as it is in {@code stored} when nothing newer was. From any
   * thread.
   */
  public Optional<EntryRecord> findNewer(EntryKey key, Optional<EntryRecord> stored) {
    Step step = steps.get(key);
    return step == null ? stored : Optional.ofNullable(step.record());
  }

  /**
   * What is known of a chunk. From any thread; the answer may have changed by the time a change is
   * handed over.
   */
  public Optional<ChunkState> findChunk(ChunkId id) throws IOException {
    ChunkState state = chunks.get(id);
    return state == null ? store.chunk(id) : Optional.of(state);
  }

  public StateStore store() {
    return store;
  }

  /**
   * Names under which an inode is published as anything but a directory; first the one that was
   * handed over last, if the inode has several. From any thread; a name that is handed over
   * meanwhile may be missing.
   *
   * @param most no more are looked for
   */
  public Set<EntryKey> namesOf(long inode, int most) throws IOException {
    Set<EntryKey> names = new LinkedHashSet<>();
    EntryKey newest = newestNames.get(inode);
    if (newest != null) {
      addIfNameOf(inode, newest, names);
    }
    for (EntryKey key : namesInSteps.getOrDefault(inode, Set.of())) {
      if (names.size() < most) {
        addIfNameOf(inode, key, names);
      }
    }
    if (names.size() < most) {
      try (StateStore.IndexedNames indexed = store.names(inode)) {
        while (names.size() < most && indexed.next()) {
          addIfNameOf(inode, indexed.key(), names);
        }
      }
    }
    return names;
  }

  private void addIfNameOf(long inode, EntryKey key, Set<EntryKey> names) throws IOException {
    if (names.contains(key)) {
      return;
    }
    Optional<EntryRecord> record = find(key);
    if (record.isPresent() && inodeOf(record.get()) == inode) {
      names.add(key);
    }
  }

  private static long inodeOf(EntryRecord record) {
    return record.isDirectory() ? 0 : record.signature().inode();
  }

  /** Inodes of link groups that have lost a name since this was last asked. */
  public Set<Long> takeLeftInodes() throws IOException {
    if (leftInodes.isEmpty()) {
      return Set.of();
    }
    // What was forgotten must not show in the index any more.
    commit();
    Set<Long> taken = leftInodes;
    leftInodes = new LinkedHashSet<>();
    return taken;
  }

  /** An inode has names that the tree does not have: what is done by them makes no event. */
  public void noteForeignNames(long inode) throws IOException {
    batch.put(StateStore.FOREIGN, StateStore.inodeKey(inode), NOTHING);
    dirty = true;
  }

  /** All names of an inode are known. */
  public void clearForeignNames(long inode) throws IOException {
    batch.remove(StateStore.FOREIGN, StateStore.inodeKey(inode));
    dirty = true;
  }

  /**
   * An inode that has names outside of the tree.
   *
   * @param names those in the tree; empty if it has left the tree
   */
  public record SharedInode(long inode, Set<EntryKey> names) {}

  /**
   * Inodes with more links than names in the tree, in the order of their numbers: no event tells of
   * a write through such a link, so each comparison has to look at them.
   *
   * @param after the last inode of the part before; 0 at first
   * @param most in this part; fewer come back only at the end
   */
  public List<SharedInode> sharedInodes(long after, int most) throws IOException {
    List<SharedInode> shared = new ArrayList<>();
    for (long inode : store.foreignInodes(after, most)) {
      shared.add(new SharedInode(inode, namesOf(inode, MOST_NAMES)));
    }
    return shared;
  }

  /**
   * Names of a directory that the state store does not show as they were handed over. From any
   * thread; one that is missing was either handed over later, or the state store shows it by now.
   */
  public Set<Name> unsettledIn(long directory) {
    return Set.copyOf(unsettled.getOrDefault(directory, Set.of()));
  }

  /** The entry is handed over as a put. */
  public Step put(EntryKey key, EntryRecord record) throws IOException {
    Optional<EntryRecord> before = find(key);
    boolean below = before.isPresent() && before.get().isDirectory() || record.isDirectory();
    boolean same = before.isPresent() && before.get().directoryId() == record.directoryId();
    return step(key, before, record, below && !same ? Doubt.SUBTREE : Doubt.ENTRY);
  }

  /**
   * The entry is handed over as a removal. What is below it is {@linkplain #forget forgotten}
   * apart.
   */
  public Step remove(EntryKey key) throws IOException {
    return step(key, find(key), null, Doubt.SUBTREE);
  }

  private Step step(
      EntryKey key, Optional<EntryRecord> before, @Nullable EntryRecord record, Doubt doubt)
      throws IOException {
    Map<ChunkId, Integer> counted = counted(key, before);
    noteLeft(before, record);
    Map<ChunkId, ChunkRef> refs = record == null ? Map.of() : refs(record);
    Map<ChunkId, Integer> kept = HashMap.newHashMap(refs.size());
    Map<ChunkId, ChunkRef> raise = HashMap.newHashMap(refs.size());
    for (var ref : refs.entrySet()) {
      int both = Math.min(ref.getValue().times(), counted.getOrDefault(ref.getKey(), 0));
      if (both > 0) {
        kept.put(ref.getKey(), both);
      }
      if (ref.getValue().times() > both) {
        ChunkRef whole = ref.getValue();
        raise.put(
            ref.getKey(), new ChunkRef(whole.position(), whole.times() - both, whole.isList()));
      }
    }
    for (var old : counted.entrySet()) {
      lower(old.getKey(), old.getValue() - kept.getOrDefault(old.getKey(), 0));
    }
    return open(new Step(key, record, kept, raise), before, doubt);
  }

  private void noteLeft(Optional<EntryRecord> before, @Nullable EntryRecord after) {
    // One that was published as an only name may have got another one since.
    before
        .filter(record -> !record.isDirectory())
        .filter(record -> record.isLinked() || newestNames.containsKey(inodeOf(record)))
        .map(PublishedTree::inodeOf)
        .filter(inode -> after == null || inodeOf(after) != inode)
        .ifPresent(leftInodes::add);
  }

  /** The two ends of a rename are handed over. */
  public List<Step> move(EntryKey from, EntryKey to) throws IOException {
    EntryRecord moved = require(from);
    Optional<EntryRecord> replaced = find(to);
    noteLeft(replaced, moved);
    Doubt doubt = doubt(moved, replaced);
    for (var old : counted(to, replaced).entrySet()) {
      lower(old.getKey(), old.getValue());
    }
    Step arrived = moveTo(from, to, moved);
    Step left = new Step(from, null, Map.of(), Map.of());
    return List.of(open(left, Optional.of(moved), doubt), open(arrived, replaced, doubt));
  }

  /** The two ends of an exchange are handed over. */
  public List<Step> exchange(EntryKey first, EntryKey second) throws IOException {
    EntryRecord one = require(first);
    EntryRecord other = require(second);
    Doubt doubt = doubt(one, Optional.of(other));
    Step atSecond = moveTo(first, second, one);
    Step atFirst = moveTo(second, first, other);
    return List.of(
        open(atFirst, Optional.of(one), doubt), open(atSecond, Optional.of(other), doubt));
  }

  private static Doubt doubt(EntryRecord moved, Optional<EntryRecord> replaced) {
    return moved.isDirectory() || replaced.isPresent() && replaced.get().isDirectory()
        ? Doubt.SUBTREE
        : Doubt.ENTRY;
  }

  private Step moveTo(EntryKey from, EntryKey to, EntryRecord record) throws IOException {
    Step before = steps.get(from);
    return before == null
        ? new Step(to, record, counts(refs(record)), Map.of())
        : new Step(to, record, before.counted(), before.raise());
  }

  private EntryRecord require(EntryKey key) throws IOException {
    return find(key)
        .orElseThrow(
            () -> new IllegalStateException("entry %s was never published".formatted(key)));
  }

  private Step open(Step step, Optional<EntryRecord> before, Doubt doubt) throws IOException {
    Step last = steps.get(step.key());
    // Which of the two will have been accepted when the process ends between them is unknown, too.
    boolean wider = last != null && !last.isSettled() && last.doubt() == Doubt.SUBTREE;
    step.mark(wider ? Doubt.SUBTREE : doubt);
    step.indexed(indexed(last, before));
    track(step);
    batch.put(StateStore.DOUBT, step.key().encode(), DOUBTS[step.doubt().ordinal()]);
    dirty = true;
    return step;
  }

  /** What the index has of a name, by its last step or, where there is none, by what is stored. */
  private static long indexed(@Nullable Step last, Optional<EntryRecord> stored) {
    if (last == null) {
      return stored.map(PublishedTree::inodeOf).orElse(0L);
    }
    // One that was never settled was never written.
    return last.isSettled() ? last.inode() : last.indexed();
  }

  private void track(Step step) {
    Step before = steps.put(step.key(), step);
    unsettled
        .computeIfAbsent(step.key().directory(), _ -> ConcurrentHashMap.newKeySet(2))
        .add(step.key().name());
    if (before != null) {
      untrack(before);
    }
    if (step.inode() != 0) {
      namesInSteps
          .computeIfAbsent(step.inode(), _ -> ConcurrentHashMap.newKeySet(2))
          .add(step.key());
      EntryRecord record = step.record();
      if (record != null && record.isLinked()) {
        newestNames.put(step.inode(), step.key());
      }
    }
  }

  /** The state store alone tells of the entry from now on. */
  private void leave(Step step) {
    if (!steps.remove(step.key(), step)) {
      return;
    }
    unsettled.computeIfPresent(
        step.key().directory(),
        (_, names) -> {
          names.remove(step.key().name());
          return names.isEmpty() ? null : names;
        });
    untrack(step);
  }

  private void untrack(Step step) {
    namesInSteps.computeIfPresent(
        step.inode(),
        (_, names) -> {
          names.remove(step.key());
          return names.isEmpty() ? null : names;
        });
  }

  /** Writes what a step makes of the entry, and of its place in the index. */
  private void write(Step step) throws IOException {
    EntryKey key = step.key();
    EntryRecord record = step.record();
    if (step.indexed() != 0 && step.indexed() != step.inode()) {
      batch.remove(StateStore.INODES, StateStore.indexKey(step.indexed(), key));
    }
    if (record == null) {
      batch.remove(key.directory(), key.name().bytes());
      return;
    }
    batch.put(key.directory(), key.name().bytes(), record.encode());
    if (step.inode() != 0 && step.indexed() != step.inode()) {
      batch.put(StateStore.INODES, StateStore.indexKey(step.inode(), key), NOTHING);
    }
  }

  /** Only the signature is new: nothing is published. */
  public void refresh(EntryKey key, EntryRecord record) throws IOException {
    Step step = steps.get(key);
    if (step != null && !step.isSettled()) {
      untrack(step);
      step.refresh(record);
      track(step);
      return;
    }
    Step fresh =
        new Step(key, record, step == null ? counts(refs(record)) : step.counted(), Map.of());
    fresh.indexed(indexed(step, find(key)));
    write(fresh);
    fresh.settle(fresh.counted());
    track(fresh);
    settled.add(fresh);
    dirty = true;
  }

  /** The change of this step, and all before it, are acknowledged. */
  public void settle(Step step) throws IOException {
    EntryKey key = step.key();
    Step newest = steps.get(key);
    if (newest != step || step.isSettled()) {
      // A newer change of the entry, or the removal of its directory, has taken its place.
      if (newest != null && !newest.isSettled()) {
        settleSuperseded(step, newest);
      }
      return;
    }
    write(step);
    Map<ChunkId, Integer> counted = new HashMap<>(step.counted());
    for (var raised : step.raise().entrySet()) {
      raise(raised.getKey(), raised.getValue());
      counted.merge(raised.getKey(), raised.getValue().times(), Integer::sum);
    }
    step.settle(counted);
    settled.add(step);
    batch.remove(StateStore.DOUBT, key.encode());
    dirty = true;
  }

  /**
   * Where directories are is written although a newer change of the entry is under way: what is
   * below one is found from its entry alone. If the process ended now and the entry showed an older
   * directory, or none, then what was below would be forgotten in two places, or in none.
   */
  private void settleSuperseded(Step step, Step newest) throws IOException {
    boolean wasDirectory = store.find(step.key()).filter(EntryRecord::isDirectory).isPresent();
    EntryRecord record = step.record();
    if (record == null ? wasDirectory : record.isDirectory()) {
      write(step);
      newest.indexed(step.inode());
      dirty = true;
    }
  }

  /** The path is no longer in doubt although nothing about it was published. */
  public void clearDoubt(EntryKey key) throws IOException {
    batch.remove(StateStore.DOUBT, key.encode());
    dirty = true;
  }

  /** All numbers up to this one are acknowledged. */
  public void acknowledged(long number) {
    acknowledged = number;
    dirty = true;
  }

  /**
   * Forgets what these directories hold, and all directories below them that only the state store
   * knows.
   *
   * @param isKnown whether a directory id is known elsewhere than in the state store, and so taken
   *     care of by the caller
   */
  public void forget(Collection<Long> directories, LongPredicate isKnown) throws IOException {
    // What is settled must show in the listings below, and a commit on the way must not change
    // them.
    if (!settled.isEmpty()) {
      commit();
    }
    Set<Long> all = new HashSet<>(directories);
    Deque<Long> left = new ArrayDeque<>(directories);
    while (!left.isEmpty()) {
      long directory = left.pop();
      try (StateStore.StoredEntries entries = store.list(directory)) {
        while (entries.next()) {
          EntryKey key = new EntryKey(directory, entries.name());
          EntryRecord record = entries.record();
          removeStored(key, record);
          dirty = true;
          if (steps.containsKey(key)) {
            continue;
          }
          noteLeft(Optional.of(record), null);
          if (record.isDirectory()) {
            if (!isKnown.test(record.directoryId()) && all.add(record.directoryId())) {
              left.push(record.directoryId());
            }
            continue;
          }
          for (var ref : refs(record).entrySet()) {
            lower(ref.getKey(), ref.getValue().times());
          }
          if (batch.bytes() > COMMIT_BYTES) {
            commit();
          }
        }
      }
    }
    for (Step step : List.copyOf(steps.values())) {
      if (all.contains(step.key().directory())) {
        for (var old : step.counted().entrySet()) {
          lower(old.getKey(), old.getValue());
        }
        leave(step);
        noteLeft(Optional.ofNullable(step.record()), null);
        batch.remove(StateStore.DOUBT, step.key().encode());
        batch.remove(step.key().directory(), step.key().name().bytes());
        EntryRecord record = step.record();
        if (record != null
            && record.isDirectory()
            && !isKnown.test(record.directoryId())
            && all.add(record.directoryId())) {
          forget(List.of(record.directoryId()), isKnown);
        }
      }
    }
  }

  /** Forgets one entry, but not that it is in doubt. Only before anything is handed over. */
  public void forgetEntry(EntryKey key) throws IOException {
    Optional<EntryRecord> stored = store.find(key);
    for (var old : counted(key, stored).entrySet()) {
      lower(old.getKey(), old.getValue());
    }
    if (stored.isPresent()) {
      removeStored(key, stored.get());
    }
    dirty = true;
  }

  private void removeStored(EntryKey key, EntryRecord stored) throws IOException {
    batch.remove(key.directory(), key.name().bytes());
    if (!stored.isDirectory()) {
      batch.remove(StateStore.INODES, StateStore.indexKey(inodeOf(stored), key));
    }
  }

  /** Chunks whose frames the store side has lost: their bodies must be sent again. */
  public void forgetChunks(Collection<ChunkId> ids) {
    for (ChunkId id : ids) {
      chunks.put(id, new ChunkState(FramePosition.UNKNOWN, 0));
      dirty = true;
    }
  }

  /** The chunks, lists included, that a record names directly. */
  public static Set<ChunkId> chunksOf(EntryRecord record) throws IOException {
    return refs(record).keySet();
  }

  /** Whether {@link #commit} has anything to write. */
  public boolean isDirty() {
    return dirty;
  }

  /** Writes all that was gathered, in one step that survives the process. */
  public void commit() throws IOException {
    if (!dirty) {
      return;
    }
    for (var chunk : chunks.entrySet()) {
      byte[] id = chunk.getKey().bytes();
      if (chunk.getValue().isLive()) {
        batch.put(StateStore.CHUNKS, id, chunk.getValue().encode());
      } else {
        batch.remove(StateStore.CHUNKS, id);
      }
    }
    if (acknowledged >= 0) {
      StateStore.acknowledged(batch, acknowledged);
      acknowledged = -1;
    }
    batch.commit();
    dirty = false;
    chunks.clear();
    settled.forEach(this::leave);
    settled.clear();
  }

  @Override
  public void close() {
    batch.close();
  }

  private Map<ChunkId, Integer> counted(EntryKey key, Optional<EntryRecord> published)
      throws IOException {
    Step step = steps.get(key);
    if (step != null) {
      return step.counted();
    }
    return published.isPresent() ? counts(refs(published.get())) : Map.of();
  }

  private static Map<ChunkId, Integer> counts(Map<ChunkId, ChunkRef> refs) {
    Map<ChunkId, Integer> counts = HashMap.newHashMap(refs.size());
    refs.forEach((id, ref) -> counts.put(id, ref.times()));
    return counts;
  }

  private static Map<ChunkId, ChunkRef> refs(EntryRecord record) throws IOException {
    return record.isDirectory() ? Map.of() : ChunkRef.of(record.node());
  }

  private void raise(ChunkId id, ChunkRef ref) throws IOException {
    Optional<ChunkState> before = findChunk(id);
    long holders = before.map(ChunkState::holders).orElse(0L);
    chunks.put(id, new ChunkState(ref.position(), holders + ref.times()));
    if (ref.isList() && holders == 0) {
      for (var leaf : ChunkRef.of(store.extentsOf(id)).entrySet()) {
        raise(leaf.getKey(), leaf.getValue());
      }
    }
  }

  private void lower(ChunkId id, int times) throws IOException {
    Optional<ChunkState> before = findChunk(id);
    if (times == 0 || before.isEmpty() || !before.get().isLive()) {
      return;
    }
    // Never below nothing: after a crash between two steps a holder may be taken away twice.
    long holders = Math.max(0, before.get().holders() - times);
    chunks.put(id, new ChunkState(before.get().position(), holders));
    if (holders == 0) {
      for (Extent extent : store.extentsOf(id)) {
        lowerExtent(extent);
      }
    }
  }

  private void lowerExtent(Extent extent) throws IOException {
    switch (extent) {
      case Extent.Chunk chunk -> lower(chunk.id(), 1);
      case Extent.Nested nested -> lower(nested.list().id(), 1);
      case Extent.Hole _ -> {}
    }
  }
}
