package dev.tidemark.filesystem.entry;

import java.io.IOException;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * Changes to an {@link EntryStore} that become visible and durable together, or not at all; of two
 * to one key the later holds. For one thread. Must be closed; what was not committed is dropped.
 */
public final class Batch implements AutoCloseable {
  private final EntryStore store;
  private final WriteBatch changes = new WriteBatch();
  private boolean closed;

  Batch(EntryStore store) {
    this.store = store;
  }

  /** Puts an entry, in place of what the name had. */
  public Batch put(long directory, byte[] name, byte[] value) throws IOException {
    return add(batch -> batch.put(store.engine().entries(), EntryKey.of(directory, name), value));
  }

  /** Removes an entry, if it is there; not what is listed under an id in its value. */
  public Batch remove(long directory, byte[] name) throws IOException {
    return add(batch -> batch.delete(store.engine().entries(), EntryKey.of(directory, name)));
  }

  /** Puts a pair into a table. */
  public Batch put(Table table, byte[] key, byte[] value) throws IOException {
    return add(batch -> batch.put(store.engine().table(table), requireKey(key), value));
  }

  /** Removes a pair from a table, if it is there. */
  public Batch remove(Table table, byte[] key) throws IOException {
    return add(batch -> batch.delete(store.engine().table(table), requireKey(key)));
  }

  /** Removes all pairs of a table, those put by this batch before included. */
  public Batch clear(Table table) throws IOException {
    return add(batch -> store.clear(batch, table));
  }

  /** About how many bytes commit will write. */
  public long bytes() {
    requireOpen();
    return changes.getDataSize();
  }

  /** Writes all of it in one step. The batch is then empty and can be used again. */
  public void commit() throws IOException {
    requireOpen();
    store.write(changes);
    changes.clear();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      changes.close();
    }
  }

  private interface Change {
    void addTo(WriteBatch batch) throws RocksDBException;
  }

  private Batch add(Change change) throws IOException {
    requireOpen();
    // The engine's handles are used here: close must not free them meanwhile.
    store.enter();
    try {
      store.requireOpen();
      change.addTo(changes);
      return this;
    } catch (RocksDBException e) {
      throw Failures.during("write to", store.folder(), e);
    } finally {
      store.leave();
    }
  }

  private static byte[] requireKey(byte[] key) {
    if (key.length == 0 || key.length > Table.MAX_KEY_BYTES) {
      throw new IllegalArgumentException(
          "A key of a table has 1 to %d bytes, this one %d"
              .formatted(Table.MAX_KEY_BYTES, key.length));
    }
    return key;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("This batch is closed");
    }
  }
}
