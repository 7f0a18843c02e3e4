package dev.tidemark.mirror;

import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.util.Optional;

/** Of a tree what stands in the target of a standby. In path order. */
final class SubsetStream implements EntryStream {
  private final EntryStream entries;
  private final Subset subset;

  private SubsetStream(EntryStream entries, Subset subset) {
    this.entries = entries;
    this.subset = subset;
  }

  static EntryStream within(Subset subset, EntryStream entries) {
    return subset.isAll() ? entries : new SubsetStream(entries, subset);
  }

  @Override
  public Optional<TreeEntry> next() throws IOException {
    Optional<TreeEntry> next = entries.next();
    while (next.isPresent() && !subset.holds(next.get().path(), next.get().node())) {
      next = entries.next();
    }
    return next;
  }

  @Override
  public void close() throws IOException {
    entries.close();
  }
}
