package dev.tidemark.restore;

import dev.tidemark.apply.Exclusions;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.filter.PathFilter;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.Tree;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.util.Optional;

/** A part of a tree with the paths that it has in the target. */
final class Subtree implements EntryStream {
  private final EntryStream entries;
  private final NodePath from;
  private final NodePath to;

  private Subtree(EntryStream entries, NodePath from, NodePath to) {
    this.entries = entries;
    this.from = from;
    this.to = to;
  }

  static Subtree open(Tree tree, NodePath path) throws IOException {
    Optional<Node> node = tree.find(path);
    if (node.isEmpty() && !path.isRoot()) {
      throw new IOException(
          "There is no %s in the tree at that instant. `tidemark ls --at` shows what there is."
              .formatted(path));
    }
    boolean isDirectory = path.isRoot() || node.orElseThrow() instanceof Node.Directory;
    NodePath to = isDirectory ? NodePath.ROOT : NodePath.ROOT.child(path.name());
    return new Subtree(tree.subtree(path), path, to);
  }

  /** What a filter, which is about paths of the tree, says of paths of the target. */
  Exclusions exclusions(PathFilter filter) {
    if (filter.isEmpty()) {
      return Exclusions.NONE;
    }
    NodePath base = to.isRoot() ? from : from.parent();
    return (path, isDirectory) -> {
      NodePath inTree = path.rebase(NodePath.ROOT, base);
      byte[] parent = inTree.parent().bytes();
      return isDirectory
          ? filter.excludesDirectory(parent, inTree.name())
          : filter.excludesFile(parent, inTree.name());
    };
  }

  @Override
  public Optional<TreeEntry> next() throws IOException {
    return entries.next().map(entry -> new TreeEntry(entry.path().rebase(from, to), entry.node()));
  }

  @Override
  public void close() throws IOException {
    entries.close();
  }
}
