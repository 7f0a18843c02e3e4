package dev.tidemark.repository.snapshot;

import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.ContentHash;
import dev.tidemark.repository.snapshot.SnapshotWriter.Written;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Change.Body;
import dev.tidemark.schemas.change.Change.ScanKind;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.Tree;
import dev.tidemark.schemas.tree.TreeBase;
import java.io.IOException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A tree to which any number of changes is applied, in bounded memory: what the log touched is
 * merged into manifests in a folder for temporary files whenever it has become much. The manifests
 * of the snapshot that it began with are named there as far as nothing touched them, so that the
 * work follows what changed.
 *
 * <p>While a full scan is open, a second tree, of the same paths, says what is to stay at its end:
 * it is moved and cut like the first, and merged into manifests like the first. For one thread;
 * what it gives is void once it is closed.
 */
public final class LongReplay implements AutoCloseable {
  private final TreeName name;
  private final long mostTouched;
  private final ScratchStore scratch;
  private final Set<ContentHash> known = new HashSet<>();
  private Tree tree;

  /** Set while a full scan is open. */
  private @Nullable Tree marks;

  /**
   * @param mostTouched entries that are held in memory, of the tree and as many of its marks
   */
  LongReplay(BlobStore store, TreeName name, Optional<SnapshotInfo> start, long mostTouched)
      throws IOException {
    this.name = name;
    this.mostTouched = mostTouched;
    this.scratch = ScratchStore.before(store);
    this.tree = Tree.on(TreeBase.EMPTY);
    start.ifPresent(
        info -> {
          info.manifests().forEach(manifest -> known.add(manifest.hash()));
          tree = Tree.on(base(new Written(info.manifests(), info.entries(), info.bytes())));
        });
  }

  private TreeBase base(Written written) {
    return new SnapshotTree(written.manifests(), new Manifests(scratch, name), written.bytes());
  }

  /**
   * The tree after what was applied so far, which is void after the next change. Between the marks
   * of a full scan it has what was there before.
   */
  public Tree tree() {
    return tree;
  }

  /**
   * Applies one change.
   *
   * @throws dev.tidemark.schemas.tree.TreeException if it does not fit the tree
   */
  public void apply(Body body) throws IOException {
    switch (body) {
      case Change.ScanStarted(ScanKind kind) ->
          marks = kind == ScanKind.FULL ? Tree.on(TreeBase.EMPTY) : null;
      case Change.ScanCompleted(ScanKind kind) -> complete(kind);
      case Change.EpochStarted _ -> marks = null;
      case Change.Tag _, Change.Heartbeat _ -> {}
      case Change.Keep(NodePath path) -> {
        if (marks != null && tree.find(path).isPresent()) {
          ScanMarks.keep(marks, path);
        }
      }
      case Change.Put _, Change.Remove _, Change.Move _, Change.Exchange _ -> {
        tree.apply(body);
        if (marks != null) {
          ScanMarks.follow(marks, body);
        }
      }
    }
    if (tree.touchedEntries() > mostTouched) {
      tree = merge(tree);
    }
    if (marks != null && marks.touchedEntries() > mostTouched) {
      marks = merge(marks);
    }
  }

  private Tree merge(Tree overlay) throws IOException {
    return Tree.on(base(new SnapshotWriter(scratch, name, known).write(overlay)));
  }

  private void complete(ScanKind kind) throws IOException {
    Tree kept = marks;
    marks = null;
    if (kept == null || kind != ScanKind.FULL) {
      return;
    }
    try (EntryStream all = tree.subtree(NodePath.ROOT);
        EntryStream said = kept.subtree(NodePath.ROOT);
        EntryStream staying = ScanMarks.staying(all, said)) {
      tree = Tree.on(base(new SnapshotWriter(scratch, name, known).write(staying)));
    }
  }

  /** Length of the temporary file. */
  long scratchBytes() {
    return scratch.bytes();
  }

  /** Lets the temporary file go. */
  @Override
  public void close() throws IOException {
    scratch.close();
  }
}
