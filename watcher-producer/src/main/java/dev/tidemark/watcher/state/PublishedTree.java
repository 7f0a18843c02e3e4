package dev.tidemark.watcher.state;

import dev.tidemark.filesystem.entry.Batch;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.FramePosition;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
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
 * <p>Everything but the two {@code find} methods belongs to the keeper. All writes are gathered
 * until {@link #commit}, which must come before the changes handed over are sent: it marks their
 * paths as in doubt.
 */
public final class PublishedTree implements AutoCloseable {
  private static final long COMMIT_BYTES = 4 << 20;
  private static final byte[][] DOUBTS = {
    {(byte) Doubt.ENTRY.ordinal()}, {(byte) Doubt.SUBTREE.ordinal()}
  };

  private final StateStore store;
  private final Batch batch;
  private final Map<EntryKey, Step> steps = new ConcurrentHashMap<>();
  private final Map<ChunkId, ChunkState> chunks = new ConcurrentHashMap<>();
  private final List<Step> settled = new ArrayList<>();
  private boolean dirty;
  private long acknowledged = -1;

  public PublishedTree(StateStore store) {
    this.store = store;
    this.batch = store.batch();
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

  /** Keys that the state store does not show as they were handed over. */
  public Set<EntryKey> unsettled() {
    return Set.copyOf(steps.keySet());
  }

  /** The entry is handed over as a put. */
  public Step put(EntryKey key, EntryRecord record) throws IOException {
    Optional<EntryRecord> before = find(key);
    boolean below = before.isPresent() && before.get().isDirectory() || record.isDirectory();
    boolean same = before.isPresent() && before.get().directoryId() == record.directoryId();
    return step(key, record, below && !same ? Doubt.SUBTREE : Doubt.ENTRY);
  }

  /**
   * The entry is handed over as a removal. What is below it is {@linkplain #forget forgotten}
   * apart.
   */
  public Step remove(EntryKey key) throws IOException {
    return step(key, null, Doubt.SUBTREE);
  }

  private Step step(EntryKey key, @Nullable EntryRecord record, Doubt doubt) throws IOException {
    Map<ChunkId, Integer> counted = counted(key);
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
    return open(new Step(key, record, kept, raise), doubt);
  }

  /** The two ends of a rename are handed over. */
  public List<Step> move(EntryKey from, EntryKey to) throws IOException {
    EntryRecord moved = require(from);
    Doubt doubt = doubt(moved, find(to));
    for (var old : counted(to).entrySet()) {
      lower(old.getKey(), old.getValue());
    }
    Step arrived = moveTo(from, to, moved);
    Step left = new Step(from, null, Map.of(), Map.of());
    return List.of(open(left, doubt), open(arrived, doubt));
  }

  /** The two ends of an exchange are handed over. */
  public List<Step> exchange(EntryKey first, EntryKey second) throws IOException {
    EntryRecord one = require(first);
    EntryRecord other = require(second);
    Doubt doubt = doubt(one, Optional.of(other));
    Step atSecond = moveTo(first, second, one);
    Step atFirst = moveTo(second, first, other);
    return List.of(open(atFirst, doubt), open(atSecond, doubt));
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

  private Step open(Step step, Doubt doubt) throws IOException {
    Step before = steps.get(step.key());
    // Which of the two will have been accepted when the process ends between them is unknown, too.
    boolean wider = before != null && !before.isSettled() && before.doubt() == Doubt.SUBTREE;
    step.mark(wider ? Doubt.SUBTREE : doubt);
    steps.put(step.key(), step);
    batch.put(StateStore.DOUBT, step.key().encode(), DOUBTS[step.doubt().ordinal()]);
    dirty = true;
    return step;
  }

  /** Only the signature is new: nothing is published. */
  public void refresh(EntryKey key, EntryRecord record) throws IOException {
    Step step = steps.get(key);
    if (step != null && !step.isSettled()) {
      step.refresh(record);
      return;
    }
    Step fresh =
        new Step(key, record, step == null ? counts(refs(record)) : step.counted(), Map.of());
    fresh.settle(fresh.counted());
    steps.put(key, fresh);
    batch.put(key.directory(), key.name().bytes(), record.encode());
    settled.add(fresh);
    dirty = true;
  }

  /** The change of this step, and all before it, are acknowledged. */
  public void settle(Step step) throws IOException {
    EntryKey key = step.key();
    // A newer change of the entry, or the removal of its directory, has taken its place.
    if (steps.get(key) != step || step.isSettled()) {
      return;
    }
    EntryRecord record = step.record();
    if (record == null) {
      batch.remove(key.directory(), key.name().bytes());
    } else {
      batch.put(key.directory(), key.name().bytes(), record.encode());
    }
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
          batch.remove(directory, key.name().bytes());
          dirty = true;
          if (steps.containsKey(key)) {
            continue;
          }
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
        steps.remove(step.key());
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
    for (var old : counted(key).entrySet()) {
      lower(old.getKey(), old.getValue());
    }
    batch.remove(key.directory(), key.name().bytes());
    dirty = true;
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
    for (Step step : settled) {
      steps.remove(step.key(), step);
    }
    settled.clear();
  }

  @Override
  public void close() {
    batch.close();
  }

  private Map<ChunkId, Integer> counted(EntryKey key) throws IOException {
    Step step = steps.get(key);
    if (step != null) {
      return step.counted();
    }
    Optional<EntryRecord> record = store.find(key);
    return record.isPresent() ? counts(refs(record.get())) : Map.of();
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
