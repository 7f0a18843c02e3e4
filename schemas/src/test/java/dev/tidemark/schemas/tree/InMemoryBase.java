package dev.tidemark.schemas.tree;

import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import java.util.Collection;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** A base that counts the entries read from it and the streams left open. */
final class InMemoryBase implements TreeBase {
  private final NavigableMap<NodePath, Node> entries;
  private long reads;
  private int openStreams;

  InMemoryBase(Map<NodePath, Node> entries) {
    this.entries = new TreeMap<>(entries);
  }

  long reads() {
    return reads;
  }

  int openStreams() {
    return openStreams;
  }

  @Override
  public Optional<Node> find(NodePath path) {
    reads++;
    return Optional.ofNullable(entries.get(path));
  }

  @Override
  public EntryStream subtree(NodePath path) {
    return stream(entries.tailMap(path, true).entrySet(), path, Integer.MAX_VALUE);
  }

  @Override
  public EntryStream children(NodePath directory) {
    return stream(
        entries.tailMap(directory, false).entrySet(), directory, directory.names().size() + 1);
  }

  private EntryStream stream(
      Collection<Map.Entry<NodePath, Node>> from, NodePath below, int maxDepth) {
    var entries = from.iterator();
    openStreams++;
    return new EntryStream() {
      private boolean open = true;

      @Override
      public Optional<TreeEntry> next() {
        while (entries.hasNext()) {
          var entry = entries.next();
          if (!below.contains(entry.getKey())) {
            return Optional.empty();
          }
          if (entry.getKey().names().size() <= maxDepth) {
            reads++;
            return Optional.of(new TreeEntry(entry.getKey(), entry.getValue()));
          }
        }
        return Optional.empty();
      }

      @Override
      public void close() {
        openStreams -= open ? 1 : 0;
        open = false;
      }
    };
  }
}
