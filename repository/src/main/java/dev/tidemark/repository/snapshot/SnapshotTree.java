package dev.tidemark.repository.snapshot;

import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.Tree;
import dev.tidemark.schemas.tree.TreeBase;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A snapshot's tree. Finding a place in it reads one manifest, a stream those that it passes
 * through; the entries of a directory are found without reading what is below them.
 */
final class SnapshotTree implements TreeBase {
  private final List<ManifestRef> refs;
  private final Manifests manifests;
  private final long fileBytes;

  /**
   * @param fileBytes sum of the files' lengths
   */
  SnapshotTree(List<ManifestRef> refs, Manifests manifests, long fileBytes) {
    this.refs = refs;
    this.manifests = manifests;
    this.fileBytes = fileBytes;
  }

  /** The snapshot that a tree builds on, mended where that is damaged or not; empty if none. */
  static Optional<SnapshotTree> beneath(Tree tree) {
    TreeBase base = tree.base() instanceof MendedTree mended ? mended.snapshot() : tree.base();
    return base instanceof SnapshotTree snapshot ? Optional.of(snapshot) : Optional.empty();
  }

  List<ManifestRef> refs() {
    return refs;
  }

  Manifests manifests() {
    return manifests;
  }

  long fileBytes() {
    return fileBytes;
  }

  @Override
  public Optional<Node> find(NodePath path) throws IOException {
    Optional<TreeEntry> entry = new Walk().seek(at -> at.compareTo(path) < 0);
    return entry.filter(found -> found.path().equals(path)).map(TreeEntry::node);
  }

  @Override
  public EntryStream subtree(NodePath path) {
    return new Walk() {
      private boolean started;

      @Override
      public Optional<TreeEntry> next() throws IOException {
        Optional<TreeEntry> entry = started ? step() : seek(at -> at.compareTo(path) < 0);
        // Below a path that is no entry there are none either.
        boolean inside =
            entry.isPresent()
                && (started ? path.contains(entry.get().path()) : entry.get().path().equals(path));
        started = true;
        return inside ? entry : end();
      }
    };
  }

  @Override
  public EntryStream children(NodePath directory) {
    return new Walk() {
      private NodePath previous = directory;
      private boolean started;

      @Override
      public Optional<TreeEntry> next() throws IOException {
        if (!started) {
          started = true;
          Optional<TreeEntry> self = seek(at -> at.compareTo(directory) < 0);
          if (self.isEmpty() || !self.get().path().equals(directory)) {
            return end();
          }
          return take(step());
        }
        // What is below the previous entry follows it directly, and is passed over.
        NodePath passed = previous;
        return take(seek(at -> at.compareTo(passed) <= 0 || passed.contains(at)));
      }

      private Optional<TreeEntry> take(Optional<TreeEntry> entry) throws IOException {
        if (entry.isEmpty() || !directory.contains(entry.get().path())) {
          return end();
        }
        previous = entry.get().path();
        return entry;
      }
    };
  }

  /** A place between the entries, from which the next ones are read. */
  private class Walk implements EntryStream {
    private int manifest;
    private int entry;
    private boolean ended;

    /**
     * Goes to the first entry that is not {@code before}, which holds for all up to some entry, and
     * takes it.
     */
    final Optional<TreeEntry> seek(Predicate<NodePath> before) throws IOException {
      if (ended) {
        return Optional.empty();
      }
      int low = manifest;
      int high = refs.size();
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (before.test(refs.get(middle).last())) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      manifest = low;
      entry = 0;
      if (low == refs.size()) {
        return Optional.empty();
      }
      List<TreeEntry> entries = manifests.read(refs.get(low));
      high = entries.size();
      low = 0;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (before.test(entries.get(middle).path())) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      entry = low;
      return step();
    }

    final Optional<TreeEntry> step() throws IOException {
      if (ended || manifest == refs.size()) {
        return Optional.empty();
      }
      List<TreeEntry> entries = manifests.read(refs.get(manifest));
      TreeEntry found = entries.get(entry++);
      if (entry == entries.size()) {
        manifest++;
        entry = 0;
      }
      return Optional.of(found);
    }

    final Optional<TreeEntry> end() {
      ended = true;
      return Optional.empty();
    }

    @Override
    public Optional<TreeEntry> next() throws IOException {
      return step();
    }

    @Override
    public void close() {
      ended = true;
    }
  }
}
