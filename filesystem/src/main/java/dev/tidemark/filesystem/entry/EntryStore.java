package dev.tidemark.filesystem.entry;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.Slice;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * (directory id, name) → value, on disk, with tables of the caller's own beside. A rename of a
 * directory rewrites one entry, none of its descendants.
 *
 * <p>What a batch has committed survives the end of the process, killed or not; what was committed
 * before {@link #sync} survives a power loss too, and of the rest a beginning does. At most 32 MiB
 * of cache and 32 MiB of unwritten data are held in memory.
 *
 * <p>Safe from several threads. Closing waits for calls under way, and closes the listings and
 * scans that are open; calls after it throw {@link IllegalStateException}. A read or write that
 * fails throws {@link EntryStoreCorruptException} for damage, {@link IOException} otherwise.
 */
public final class EntryStore implements AutoCloseable {
  private static final byte[] FIRST_KEY = new byte[0];

  /** Longer than any key, of the greatest bytes: greater than all keys. */
  private static final byte[] AFTER_LAST_KEY = afterLastKey();

  private final Path folder;
  private final Engine engine;
  private final WriteOptions writeOptions = new WriteOptions();
  private final Set<Cursor> cursors = ConcurrentHashMap.newKeySet();

  /** Held for reading by calls, for writing by close: native objects are not freed under a call. */
  private final ReentrantReadWriteLock lifetime = new ReentrantReadWriteLock();

  private boolean closed;

  private EntryStore(Path folder, Engine engine) {
    this.folder = folder;
    this.engine = engine;
  }

  /** As {@link #open(Path, List)}, with entries alone. */
  public static EntryStore open(Path folder) throws IOException {
    return open(folder, List.of());
  }

  /**
   * Opens the store in a folder, made if it does not exist. Tables new to it are made; what tables
   * not named hold stays.
   *
   * @throws EntryStoreLockedException if it is open, here or in another process
   * @throws EntryStoreCorruptException if it is damaged
   * @throws IllegalArgumentException if the folder's path is not ASCII
   */
  public static EntryStore open(Path folder, List<Table> tables) throws IOException {
    return new EntryStore(folder, Engine.open(folder, tables));
  }

  /** The value of a name in a directory. */
  public Optional<byte[]> find(long directory, byte[] name) throws IOException {
    return read(engine.entries(), EntryKey.of(directory, name));
  }

  /** The value of a key of a table. */
  public Optional<byte[]> get(Table table, byte[] key) throws IOException {
    return read(engine.table(table), key);
  }

  /** The entries of a directory as of now, sorted by the unsigned bytes of their names. */
  public Listing list(long directory) {
    return new Listing(
        cursor(engine.entries(), EntryKey.prefix(directory), EntryKey.end(directory)));
  }

  /** The pairs of a table as of now, in order of their keys, from {@code fromKey} on. */
  public TableScan scan(Table table, byte[] fromKey) {
    return new TableScan(cursor(engine.table(table), fromKey, AFTER_LAST_KEY));
  }

  /** An empty batch of changes to this store. */
  public Batch batch() {
    return new Batch(this);
  }

  /** On return, all that was committed survives a power loss. */
  public void sync() throws IOException {
    lifetime.readLock().lock();
    try {
      requireOpen();
      engine.database().syncWal();
    } catch (RocksDBException e) {
      throw Failures.during("sync", folder, e);
    } finally {
      lifetime.readLock().unlock();
    }
  }

  /**
   * Moves what was committed from the log of writes to where it stays: it then survives a power
   * loss, takes less space, and the next open is quicker.
   */
  public void flush() throws IOException {
    lifetime.readLock().lock();
    try {
      requireOpen();
      engine.flush();
    } catch (RocksDBException e) {
      throw Failures.during("flush", folder, e);
    } finally {
      lifetime.readLock().unlock();
    }
  }

  @Override
  public void close() throws IOException {
    lifetime.writeLock().lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      List.copyOf(cursors).forEach(Cursor::free);
      cursors.clear();
      try (writeOptions) {
        engine.close();
      }
    } finally {
      lifetime.writeLock().unlock();
    }
  }

  Engine engine() {
    return engine;
  }

  Path folder() {
    return folder;
  }

  void write(WriteBatch batch) throws IOException {
    lifetime.readLock().lock();
    try {
      requireOpen();
      engine.database().write(writeOptions, batch);
    } catch (RocksDBException e) {
      throw Failures.during("write to", folder, e);
    } finally {
      lifetime.readLock().unlock();
    }
  }

  /** Adds to a batch the removal of all of a table. */
  void clear(WriteBatch batch, Table table) throws RocksDBException {
    batch.deleteRange(engine.table(table), FIRST_KEY, AFTER_LAST_KEY);
  }

  /** For the use of one native object of this store, which close does not free meanwhile. */
  void enter() {
    lifetime.readLock().lock();
  }

  void leave() {
    lifetime.readLock().unlock();
  }

  void forget(Cursor cursor) {
    cursors.remove(cursor);
  }

  private Optional<byte[]> read(ColumnFamilyHandle family, byte[] key) throws IOException {
    lifetime.readLock().lock();
    try {
      requireOpen();
      return Optional.ofNullable(engine.database().get(family, key));
    } catch (RocksDBException e) {
      throw Failures.during("read", folder, e);
    } finally {
      lifetime.readLock().unlock();
    }
  }

  private Cursor cursor(ColumnFamilyHandle family, byte[] from, byte[] to) {
    lifetime.readLock().lock();
    try {
      requireOpen();
      Slice end = new Slice(to);
      ReadOptions options = new ReadOptions().setIterateUpperBound(end);
      Cursor cursor =
          new Cursor(this, engine.database().newIterator(family, options), from, options, end);
      cursors.add(cursor);
      return cursor;
    } finally {
      lifetime.readLock().unlock();
    }
  }

  void requireOpen() {
    if (closed) {
      throw new IllegalStateException("The entry store in " + folder + " is closed");
    }
  }

  private static byte[] afterLastKey() {
    byte[] key = new byte[Table.MAX_KEY_BYTES + 1];
    Arrays.fill(key, (byte) 0xff);
    return key;
  }
}
