package dev.tidemark.filesystem.entry;

import java.io.IOException;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/** A run of pairs in order of key, up to an end. For one thread, except that the store frees it. */
final class Cursor implements AutoCloseable {
  private final EntryStore store;
  private final RocksIterator iterator;
  private final byte[] from;

  // The iterator refers to both until it is closed.
  private final ReadOptions options;
  private final Slice end;

  private boolean started;
  private volatile boolean freed;

  Cursor(EntryStore store, RocksIterator iterator, byte[] from, ReadOptions options, Slice end) {
    this.store = store;
    this.iterator = iterator;
    this.from = from;
    this.options = options;
    this.end = end;
  }

  /** Goes to the next pair; false at the end. */
  boolean next() throws IOException {
    store.enter();
    try {
      requireOpen();
      if (!started) {
        iterator.seek(from);
        started = true;
      } else if (iterator.isValid()) {
        iterator.next();
      }
      if (iterator.isValid()) {
        return true;
      }
      iterator.status();
      return false;
    } catch (RocksDBException e) {
      throw Failures.during("list", store.folder(), e);
    } finally {
      store.leave();
    }
  }

  byte[] key() {
    store.enter();
    try {
      requirePair();
      return iterator.key();
    } finally {
      store.leave();
    }
  }

  byte[] value() {
    store.enter();
    try {
      requirePair();
      return iterator.value();
    } finally {
      store.leave();
    }
  }

  @Override
  public void close() {
    store.enter();
    try {
      free();
      store.forget(this);
    } finally {
      store.leave();
    }
  }

  /** Frees the native objects; the caller holds the store's lock. */
  void free() {
    if (freed) {
      return;
    }
    freed = true;
    iterator.close();
    options.close();
    end.close();
  }

  private void requirePair() {
    requireOpen();
    if (!iterator.isValid()) {
      throw new IllegalStateException("There is a pair only after next() has answered true");
    }
  }

  private void requireOpen() {
    if (freed) {
      throw new IllegalStateException(
          "This listing of the entry store in %s is closed".formatted(store.folder()));
    }
  }
}
