package dev.tidemark.repository.snapshot;

import dev.tidemark.repository.blob.ContentHash;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.Tree;
import java.io.IOException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Two trees of one history, streamed side by side to be compared. Of a manifest that both have, and
 * that neither log touches, both streams give one and the same entry, whose node is the very same
 * object; it is not read. All that may differ comes as it is. For one thread, and void once one of
 * the trees changes.
 */
public record UnsharedEntries(EntryStream before, EntryStream after) implements AutoCloseable {
  /** Opens both streams. */
  public static UnsharedEntries open(Tree before, Tree after) throws IOException {
    Optional<SnapshotTree> first = SnapshotTree.beneath(before);
    Optional<SnapshotTree> second = SnapshotTree.beneath(after);
    if (first.isPresent() && second.isPresent()) {
      SnapshotTree one = first.get();
      SnapshotTree other = second.get();
      Set<ContentHash> inOne = new HashSet<>();
      one.refs().forEach(ref -> inOne.add(ref.hash()));
      Set<ContentHash> inBoth = new HashSet<>();
      other.refs().stream().map(ManifestRef::hash).filter(inOne::contains).forEach(inBoth::add);
      Predicate<ManifestRef> isShared =
          ref ->
              inBoth.contains(ref.hash())
                  && before.hasOnlyBase(ref.first(), ref.last())
                  && after.hasOnlyBase(ref.first(), ref.last());
      return open(
          () -> before.entriesOver(new SharedRuns(one, isShared)),
          () -> after.entriesOver(new SharedRuns(other, isShared)));
    }
    return open(() -> before.subtree(NodePath.ROOT), () -> after.subtree(NodePath.ROOT));
  }

  /** The same of one part of each, which is read whole. */
  public static UnsharedEntries open(Tree before, Tree after, NodePath path) throws IOException {
    return path.isRoot()
        ? open(before, after)
        : open(() -> before.subtree(path), () -> after.subtree(path));
  }

  private interface Opening {
    EntryStream open() throws IOException;
  }

  private static UnsharedEntries open(Opening before, Opening after) throws IOException {
    EntryStream first = before.open();
    try {
      return new UnsharedEntries(first, after.open());
    } catch (IOException | RuntimeException e) {
      first.close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    try (before) {
      after.close();
    }
  }
}
