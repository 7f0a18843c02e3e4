package dev.tidemark.repository.snapshot;

import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeBase;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot's tree. Where a manifest turns out to be damaged it goes on, behind the last entry
 * that it gave, with the same tree made of the snapshot before and the log. Safe for use by many
 * threads, but each stream is for one.
 */
public final class MendedTree implements TreeBase {
  private final TreeBase snapshot;
  private final Other other;

  /** Guarded by this. */
  private @Nullable TreeBase instead;

  /** Makes the same tree of other blobs. */
  public interface Other {
    /**
     * @throws IOException {@code damage} if there is no other way to it
     */
    TreeBase make(CorruptSnapshotException damage) throws IOException;
  }

  private interface Opening {
    EntryStream open(TreeBase tree) throws IOException;
  }

  public MendedTree(TreeBase snapshot, Other other) {
    this.snapshot = snapshot;
    this.other = other;
  }

  /** What it is as long as nothing is found damaged. */
  TreeBase snapshot() {
    return snapshot;
  }

  private synchronized TreeBase instead(CorruptSnapshotException damage) throws IOException {
    if (instead == null) {
      instead = other.make(damage);
    }
    return instead;
  }

  @Override
  public Optional<Node> find(NodePath path) throws IOException {
    try {
      return snapshot.find(path);
    } catch (CorruptSnapshotException e) {
      return instead(e).find(path);
    }
  }

  @Override
  public EntryStream subtree(NodePath path) throws IOException {
    return new Stream(tree -> tree.subtree(path));
  }

  @Override
  public EntryStream children(NodePath directory) throws IOException {
    return new Stream(tree -> tree.children(directory));
  }

  private final class Stream implements EntryStream {
    private final Opening opening;
    private EntryStream entries;
    private @Nullable NodePath given;

    Stream(Opening opening) throws IOException {
      this.opening = opening;
      this.entries = opening.open(snapshot);
    }

    @Override
    public Optional<TreeEntry> next() throws IOException {
      Optional<TreeEntry> entry;
      try {
        entry = entries.next();
      } catch (CorruptSnapshotException e) {
        entries.close();
        entries = opening.open(instead(e));
        entry = nextBehindGiven();
      }
      entry.ifPresent(found -> given = found.path());
      return entry;
    }

    private Optional<TreeEntry> nextBehindGiven() throws IOException {
      NodePath last = given;
      Optional<TreeEntry> entry = entries.next();
      while (last != null && entry.isPresent() && entry.get().path().compareTo(last) <= 0) {
        entry = entries.next();
      }
      return entry;
    }

    @Override
    public void close() throws IOException {
      entries.close();
    }
  }
}
