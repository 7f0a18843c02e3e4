package dev.tidemark.store.dedup;

import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.cursor.Watermark;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The state of one partition's task, all of it logged.
 *
 * <pre>
 * store            key                    value
 * chunk-index      chunk id, 32           topic id, 16 | last offset that named it, 8 (−1: known from the repository)
 * pending          offset, 8              chunk id, 32 | frame bytes, 4
 * chunk-partition  "at"                   repository id, 16 | topic id, 16 | last processed offset, 8
 * chunk-partition  "holes"                see {@link Holes}
 * </pre>
 *
 * Numbers are big-endian. Presence in chunk-index means stored or pending.
 */
final class DedupState {
  static final String CHUNK_INDEX = "chunk-index";
  static final String PENDING = "pending";
  static final String PARTITION = "chunk-partition";

  private static final byte[] AT = {'a', 't'};
  private static final byte[] HOLES = {'h', 'o', 'l', 'e', 's'};

  /** A frame that is not durable yet. */
  record Pending(ChunkId id, int frameBytes) {}

  private final UUID repository;
  private final UUID topic;
  private final KeyValueStore<byte[], byte[]> index;
  private final KeyValueStore<byte[], byte[]> pendingStore;
  private final KeyValueStore<byte[], byte[]> partition;
  private final NavigableMap<Long, Pending> pending = new TreeMap<>();
  private Holes holes = new Holes();
  private long processed = -1;

  static StoreBuilder<?>[] stores() {
    // A pointer lives for seconds: without quick compaction a start would replay hours of them.
    Map<String, String> shortLived =
        Map.of(
            "segment.bytes", Integer.toString(8 << 20),
            "segment.ms", "600000",
            "min.cleanable.dirty.ratio", "0.1",
            "delete.retention.ms", "60000");
    return new StoreBuilder<?>[] {
      Stores.keyValueStoreBuilder(
              Stores.persistentKeyValueStore(CHUNK_INDEX), Serdes.ByteArray(), Serdes.ByteArray())
          .withLoggingEnabled(Map.of()),
      Stores.keyValueStoreBuilder(
              Stores.inMemoryKeyValueStore(PENDING), Serdes.ByteArray(), Serdes.ByteArray())
          .withLoggingEnabled(shortLived),
      // Written for every record: the cache lets one value per commit through.
      Stores.keyValueStoreBuilder(
              Stores.inMemoryKeyValueStore(PARTITION), Serdes.ByteArray(), Serdes.ByteArray())
          .withCachingEnabled()
          .withLoggingEnabled(new HashMap<>(shortLived))
    };
  }

  static String[] storeNames() {
    return new String[] {CHUNK_INDEX, PENDING, PARTITION};
  }

  DedupState(ProcessorContext<?, ?> context, UUID repository, UUID topic) {
    this.repository = repository;
    this.topic = topic;
    index = context.getStateStore(CHUNK_INDEX);
    pendingStore = context.getStateStore(PENDING);
    partition = context.getStateStore(PARTITION);
  }

  /**
   * Loads what was kept. False if it is of another repository or topic, or absent: {@link #reset()}
   * is due.
   */
  boolean load() {
    byte[] at = partition.get(AT);
    if (at == null || at.length != 40) {
      return false;
    }
    ByteBuffer buffer = ByteBuffer.wrap(at);
    if (!readId(buffer).equals(repository) || !readId(buffer).equals(topic)) {
      return false;
    }
    processed = buffer.getLong();
    byte[] kept = partition.get(HOLES);
    holes = kept == null ? new Holes() : Holes.decode(kept);
    try (KeyValueIterator<byte[], byte[]> entries = pendingStore.all()) {
      while (entries.hasNext()) {
        KeyValue<byte[], byte[]> entry = entries.next();
        int bytes = ByteBuffer.wrap(entry.value).getInt(ChunkId.BYTES);
        pending.put(
            ByteBuffer.wrap(entry.key).getLong(), new Pending(ChunkId.of(entry.value, 0), bytes));
      }
    }
    return true;
  }

  /** Forgets everything: offsets of another topic mean nothing here. */
  void reset() {
    clear(index);
    clear(pendingStore);
    pending.clear();
    holes = new Holes();
    saveHoles();
    saveProcessed(-1);
  }

  private static void clear(KeyValueStore<byte[], byte[]> store) {
    try (KeyValueIterator<byte[], byte[]> entries = store.all()) {
      while (entries.hasNext()) {
        store.delete(entries.next().key);
      }
    }
  }

  long processed() {
    return processed;
  }

  void saveProcessed(long offset) {
    processed = offset;
    ByteBuffer at = ByteBuffer.allocate(40);
    writeId(at, repository);
    writeId(at, topic);
    partition.put(AT, at.putLong(offset).array());
  }

  /** What was processed from {@code offset} on counts no more. */
  void cut(long offset) {
    Holes kept = new Holes();
    holes.upTo(offset - 1).forEach(range -> kept.add(range.first(), range.last()));
    holes = kept;
    saveHoles();
    saveProcessed(offset - 1);
  }

  boolean isKnown(ChunkId id) {
    return index.get(id.bytes()) != null;
  }

  /** The last offset of this topic that named a known chunk; empty if none did. */
  OptionalLong lastNaming(ChunkId id) {
    byte[] value = index.get(id.bytes());
    if (value == null) {
      return OptionalLong.empty();
    }
    long offset = ByteBuffer.wrap(value).getLong(16);
    return offset < 0 ? OptionalLong.empty() : OptionalLong.of(offset);
  }

  void saveNaming(ChunkId id, long offset) {
    ByteBuffer value = ByteBuffer.allocate(24);
    writeId(value, topic);
    index.put(id.bytes(), value.putLong(offset).array());
  }

  void forgetChunk(ChunkId id) {
    index.delete(id.bytes());
  }

  void addPending(long offset, ChunkId id, int frameBytes) {
    ByteBuffer value = ByteBuffer.allocate(ChunkId.BYTES + 4);
    id.copyTo(value.array(), 0);
    value.putInt(ChunkId.BYTES, frameBytes);
    pendingStore.put(key(offset), value.array());
    pending.put(offset, new Pending(id, frameBytes));
  }

  void removePending(long offset) {
    if (pending.remove(offset) != null) {
      pendingStore.delete(key(offset));
    }
  }

  NavigableMap<Long, Pending> pending() {
    return pending;
  }

  Optional<Pending> findPending(long offset) {
    return Optional.ofNullable(pending.get(offset));
  }

  void addHole(long first, long last) {
    holes.add(first, last);
    saveHoles();
  }

  private void saveHoles() {
    partition.put(HOLES, holes.encode());
  }

  Watermark watermark(int partitionNumber) {
    long offset = pending.isEmpty() ? processed : pending.firstKey() - 1;
    return new Watermark(topic, partitionNumber, offset, holes.upTo(offset));
  }

  private static byte[] key(long offset) {
    return ByteBuffer.allocate(8).putLong(offset).array();
  }

  private static UUID readId(ByteBuffer buffer) {
    return new UUID(buffer.getLong(), buffer.getLong());
  }

  private static void writeId(ByteBuffer buffer, UUID id) {
    buffer.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
  }
}
