package dev.tidemark.mirror;

import dev.tidemark.apply.LinkIdentity;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Files that a comparison by size and time would take for what is wanted, though what was applied
 * there has other bytes: written without a new time, as by {@code cp -p} or {@code touch -r}. The
 * state tells, before it is dropped. One thread notes directories; any may ask.
 */
final class Distrust {
  /** Nothing is known to be other than it looks. */
  static final Distrust NONE = new Distrust(Set.of());

  /** Past it nothing is trusted. */
  private static final int MOST = 100_000;

  private final Set<NodePath> files;
  private final Set<NodePath> directories = new HashSet<>();
  private final Map<Long, NodePath> known = new HashMap<>();

  private Distrust(Set<NodePath> files) {
    this.files = files;
    for (NodePath file : files) {
      for (NodePath at = file.parent(); directories.add(at) && !at.isRoot(); at = at.parent()) {
        // Up to the root, or to where another file has led.
      }
    }
  }

  /**
   * Compares two trees in path order.
   *
   * @return empty if there are so many that all files are better read
   */
  static Optional<Distrust> between(EntryStream applied, EntryStream wanted) throws IOException {
    Set<NodePath> files = new HashSet<>();
    Optional<TreeEntry> one = applied.next();
    Optional<TreeEntry> other = wanted.next();
    while (one.isPresent() && other.isPresent() && files.size() <= MOST) {
      int order = one.get().path().compareTo(other.get().path());
      if (order == 0 && LinkIdentity.isChangedUnseen(one.get().node(), other.get().node())) {
        files.add(one.get().path());
      }
      one = order <= 0 ? applied.next() : one;
      other = order >= 0 ? wanted.next() : other;
    }
    return files.size() > MOST ? Optional.empty() : Optional.of(new Distrust(files));
  }

  /** A directory has got an id; its parent got one before. */
  synchronized void directory(long parent, byte[] name, long id) {
    if (files.isEmpty()) {
      return;
    }
    NodePath in = known.get(parent);
    NodePath path = name.length == 0 ? NodePath.ROOT : in == null ? null : in.child(name);
    if (path != null && directories.contains(path)) {
      known.put(id, path);
    }
  }

  synchronized boolean trusts(long directory, byte[] name) {
    NodePath in = known.get(directory);
    return in == null || !files.contains(in.child(name));
  }
}
