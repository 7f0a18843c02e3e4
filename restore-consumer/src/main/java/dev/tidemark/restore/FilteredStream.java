package dev.tidemark.restore;

import dev.tidemark.apply.Exclusions;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The entries of a stream in path order that are not excluded. */
final class FilteredStream implements EntryStream {
  private final EntryStream entries;
  private final Exclusions exclusions;
  private @Nullable NodePath excluded;

  FilteredStream(EntryStream entries, Exclusions exclusions) {
    this.entries = entries;
    this.exclusions = exclusions;
  }

  @Override
  public Optional<TreeEntry> next() throws IOException {
    Optional<TreeEntry> next = entries.next();
    while (next.isPresent() && isExcluded(next.get())) {
      next = entries.next();
    }
    return next;
  }

  private boolean isExcluded(TreeEntry entry) {
    if (excluded != null && excluded.contains(entry.path())) {
      return true;
    }
    boolean isDirectory = entry.node() instanceof Node.Directory;
    boolean excludes = !entry.path().isRoot() && exclusions.excludes(entry.path(), isDirectory);
    if (excludes && isDirectory) {
      excluded = entry.path();
    }
    return excludes;
  }

  @Override
  public void close() throws IOException {
    entries.close();
  }
}
