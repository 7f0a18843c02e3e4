package dev.tidemark.repository.snapshot;

import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.ContentHash;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.Tree;
import dev.tidemark.schemas.tree.TreeBase;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Streams a tree into manifests. Where it is an overlay on a snapshot's tree, manifests that it
 * does not touch are named again without being read. In memory are the entries of one manifest. For
 * one thread.
 */
final class SnapshotWriter {
  private final ManifestWriter writer;
  private final Set<ContentHash> present;
  private long entries;
  private long bytes;

  /**
   * @param bytes sum of the files' lengths
   */
  record Written(List<ManifestRef> manifests, long entries, long bytes) {}

  /**
   * @param present manifests that may be named without being put; grows by those that are put
   */
  SnapshotWriter(BlobStore store, TreeName tree, Set<ContentHash> present) {
    this.writer = new ManifestWriter(store, tree, present);
    this.present = present;
  }

  Written write(TreeBase content) throws IOException {
    if (content instanceof Tree tree) {
      Optional<SnapshotTree> base = SnapshotTree.beneath(tree);
      if (base.isPresent()) {
        return writeOverlay(tree, base.get());
      }
    }
    try (EntryStream stream = content.subtree(NodePath.ROOT)) {
      return write(stream);
    }
  }

  /** Writes entries in path order. */
  Written write(EntryStream stream) throws IOException {
    for (Optional<TreeEntry> next = stream.next(); next.isPresent(); next = stream.next()) {
      add(next.get());
    }
    return new Written(writer.finish(), entries, bytes);
  }

  private void add(TreeEntry entry) throws IOException {
    writer.add(entry);
    entries++;
    bytes += SharedRuns.fileBytes(entry.node());
  }

  private Written writeOverlay(Tree tree, SnapshotTree base) throws IOException {
    SharedRuns runs =
        new SharedRuns(
            base, ref -> present.contains(ref.hash()) && tree.hasOnlyBase(ref.first(), ref.last()));
    try (EntryStream stream = tree.entriesOver(runs)) {
      for (Optional<TreeEntry> next = stream.next(); next.isPresent(); next = stream.next()) {
        Optional<ManifestRef> run = runs.takeRun(next.get());
        if (run.isEmpty()) {
          add(next.get());
        } else if (writer.isBetweenManifests()) {
          writer.share(run.get());
          entries += run.get().entries();
        } else {
          for (TreeEntry entry : runs.read(run.get())) {
            add(entry);
          }
        }
      }
    }
    // What was not read is still in the tree.
    long shared = base.fileBytes() - runs.fileBytesRead();
    return new Written(writer.finish(), entries, bytes + shared);
  }
}
