package dev.tidemark.repository.snapshot;

import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeBase;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A snapshot's tree, whose stream of everything gives one entry for each manifest that can be
 * shared, in the place of those that are in it. For one stream, by one thread.
 */
final class SharedRuns implements TreeBase {
  /** Stands for a whole manifest. Told by its identity. */
  private static final Node RUN =
      new Node.Directory(Metadata.of(0, 0, 0, new Metadata.FileTime(0, 0)));

  private final SnapshotTree tree;
  private final Predicate<ManifestRef> mayShare;
  private final Map<NodePath, ManifestRef> given = new HashMap<>();
  private long fileBytesRead;

  /**
   * @param mayShare whether the new tree has exactly the entries of a manifest where it has them,
   *     and may name it
   */
  SharedRuns(SnapshotTree tree, Predicate<ManifestRef> mayShare) {
    this.tree = tree;
    this.mayShare = mayShare;
  }

  /** The manifest that an entry of the stream stands for; empty if it is just an entry. */
  Optional<ManifestRef> takeRun(TreeEntry entry) {
    return entry.node() == RUN ? Optional.ofNullable(given.remove(entry.path())) : Optional.empty();
  }

  /** Entries of a manifest that was given as a run, but cannot be shared where it comes. */
  List<TreeEntry> read(ManifestRef run) throws IOException {
    List<TreeEntry> entries = tree.manifests().read(run);
    entries.forEach(entry -> fileBytesRead += fileBytes(entry.node()));
    return entries;
  }

  /** Sum of the lengths of the files in the manifests that were read. */
  long fileBytesRead() {
    return fileBytesRead;
  }

  static long fileBytes(Node node) {
    return switch (node) {
      case Node.File(Metadata _, Content content) -> content.size();
      case Node.Directory _, Node.Symlink _, Node.Fifo _, Node.Device _ -> 0;
    };
  }

  @Override
  public Optional<Node> find(NodePath path) throws IOException {
    return tree.find(path);
  }

  @Override
  public EntryStream children(NodePath directory) {
    return tree.children(directory);
  }

  @Override
  public EntryStream subtree(NodePath path) {
    return path.isRoot() ? new Everything() : tree.subtree(path);
  }

  private final class Everything implements EntryStream {
    private int next;
    private List<TreeEntry> entries = List.of();
    private int entry;

    @Override
    public Optional<TreeEntry> next() throws IOException {
      if (entry < entries.size()) {
        return Optional.of(entries.get(entry++));
      }
      if (next == tree.refs().size()) {
        return Optional.empty();
      }
      ManifestRef ref = tree.refs().get(next++);
      if (mayShare.test(ref)) {
        given.put(ref.first(), ref);
        return Optional.of(new TreeEntry(ref.first(), RUN));
      }
      entries = read(ref);
      entry = 1;
      return Optional.of(entries.getFirst());
    }

    @Override
    public void close() {
      next = tree.refs().size();
      entries = List.of();
    }
  }
}
