package dev.tidemark.mirror;

import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Predicate;

/** Of a tree what stands in the target of a standby; or the rest of it. In path order. */
final class SubsetStream implements EntryStream {
  private final EntryStream entries;
  private final Predicate<TreeEntry> wanted;

  private SubsetStream(EntryStream entries, Predicate<TreeEntry> wanted) {
    this.entries = entries;
    this.wanted = wanted;
  }

  static EntryStream within(Subset subset, EntryStream entries) {
    return subset.isAll()
        ? entries
        : new SubsetStream(entries, entry -> subset.holds(entry.path(), entry.node()));
  }

  static EntryStream outside(Subset subset, EntryStream entries) {
    return new SubsetStream(entries, entry -> !subset.holds(entry.path(), entry.node()));
  }

  @Override
  public Optional<TreeEntry> next() throws IOException {
    Optional<TreeEntry> next = entries.next();
    while (next.isPresent() && !wanted.test(next.get())) {
      next = entries.next();
    }
    return next;
  }

  @Override
  public void close() throws IOException {
    entries.close();
  }
}
