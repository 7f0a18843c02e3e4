package dev.tidemark.schemas.tree;

import java.io.IOException;
import java.util.Collections;
import java.util.Iterator;
import java.util.Optional;

/** Entries of a tree, one after the other in path order. Belongs to one thread. */
public interface EntryStream extends AutoCloseable {
  /** The next entry; empty at the end, and ever after. */
  Optional<TreeEntry> next() throws IOException;

  /** Idempotent. */
  @Override
  void close() throws IOException;

  /** A stream of nothing. */
  static EntryStream empty() {
    return of(Collections.emptyIterator());
  }

  /** Streams entries that are already in memory, which must come in path order. */
  static EntryStream of(Iterator<TreeEntry> entries) {
    return new EntryStream() {
      @Override
      public Optional<TreeEntry> next() {
        return entries.hasNext() ? Optional.of(entries.next()) : Optional.empty();
      }

      @Override
      public void close() {}
    };
  }
}
