package dev.tidemark.repository.cleanup;

import dev.tidemark.repository.ChunkMissingException;
import dev.tidemark.repository.Repository;
import dev.tidemark.repository.blob.BlobMissingException;
import dev.tidemark.repository.history.At;
import dev.tidemark.repository.index.ChunkFilter;
import dev.tidemark.repository.snapshot.CorruptSnapshotException;
import dev.tidemark.repository.snapshot.ManifestRef;
import dev.tidemark.repository.snapshot.SnapshotInfo;
import dev.tidemark.repository.snapshot.SnapshotStore;
import dev.tidemark.repository.treelog.Gap;
import dev.tidemark.repository.treelog.Gaps;
import dev.tidemark.repository.treelog.LogListing;
import dev.tidemark.repository.treelog.LogSegment;
import dev.tidemark.repository.treelog.SealedChangeStream;
import dev.tidemark.repository.treelog.TreeLog;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.tree.EntryStream;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Marks what the logs and snapshots of a repository reach. Anything that cannot be read ends it
 * with an exception: what it names is not known, so nothing may be deleted. Owned by one thread.
 */
final class RootMarker {
  /** Bounds what is remembered so as not to be read twice; past it things are read again. */
  private static final int MAX_REMEMBERED = 100_000;

  private final Repository repository;
  private final ChunkFilter chunks;
  private final ChunkFilter manifests;
  private final Set<ChunkId> seenLists = new HashSet<>();
  private final Set<ManifestRef> seenManifests = new HashSet<>();

  /**
   * @param chunks gets every chunk that is reached
   * @param manifests gets every manifest that a snapshot names, by its hash
   */
  RootMarker(Repository repository, ChunkFilter chunks, ChunkFilter manifests) {
    this.repository = repository;
    this.chunks = chunks;
    this.manifests = manifests;
  }

  /**
   * Marks what a change names that may not be sealed yet. Lists of extents that the repository does
   * not hold are frames on their way, as are the chunks that only they name.
   */
  void markUnsealed(Change change) throws IOException {
    if (change.body() instanceof Change.Put(NodePath _, Node.File file)) {
      mark(file.content().extents(), Missing.MAY_BE);
    }
  }

  private enum Missing {
    MAY_BE,
    FAILS
  }

  /**
   * Marks all that a tree's log and snapshots name, as they lie in the store.
   *
   * @param goneBefore changes that left the log by this time of the store's clock do not count
   */
  void markTree(TreeName tree, long goneBefore) throws IOException {
    LogListing listing = repository.log(tree).list();
    List<Gap> aged =
        listing.gaps().stream().filter(gap -> gap.sinceMillis() <= goneBefore).toList();
    markLog(tree, listing, Gaps.of(aged));
    markSnapshots(repository.snapshots(tree), Set.of());
  }

  /**
   * Marks what would be left of a tree if more of it went.
   *
   * @param gone changes that are not marked
   * @param snapshotsGone nor these snapshots
   * @param instants sequences that would get a snapshot first
   */
  void markRest(TreeName tree, Gaps gone, Set<Long> snapshotsGone, List<Long> instants)
      throws IOException {
    markLog(tree, repository.log(tree).list(), gone);
    markSnapshots(repository.snapshots(tree), snapshotsGone);
    for (long sequence : instants) {
      try (EntryStream entries =
          repository.history(tree).at(new At.Sequence(sequence)).tree().subtree(NodePath.ROOT)) {
        for (Optional<TreeEntry> next = entries.next(); next.isPresent(); next = entries.next()) {
          mark(next.get().node());
        }
      }
    }
  }

  private void markLog(TreeName tree, LogListing listing, Gaps gone) throws IOException {
    TreeLog log = repository.log(tree);
    for (LogSegment segment : listing.segments()) {
      if (gone.covers(segment.first(), segment.last())) {
        continue;
      }
      try (SealedChangeStream changes = log.read(segment)) {
        for (Optional<SealedChange> next = changes.next();
            next.isPresent();
            next = changes.next()) {
          boolean counts = !gone.contains(next.get().sequence());
          if (counts && next.get().change().body() instanceof Change.Put(NodePath _, Node node)) {
            mark(node);
          }
        }
      } catch (BlobMissingException deletedMeanwhile) {
        // By another run, whose gap over it is a grace old; those that it kept lie elsewhere.
        requireGone(log, segment);
      }
    }
  }

  private static void requireGone(TreeLog log, LogSegment segment) throws IOException {
    if (log.list().segments().contains(segment)) {
      throw new IOException(
          "Segment %s is listed, but cannot be read. Nothing is deleted; try again later."
              .formatted(segment.name().blobName()));
    }
  }

  private void markSnapshots(SnapshotStore snapshots, Set<Long> gone) throws IOException {
    for (long sequence : snapshots.sequences()) {
      if (gone.contains(sequence)) {
        continue;
      }
      try {
        mark(snapshots, snapshots.read(sequence));
      } catch (BlobMissingException | CorruptSnapshotException e) {
        // Retention deletes snapshots beside this; a grace passes before what they named goes.
        if (snapshots.sequences().contains(sequence)) {
          throw e;
        }
      }
    }
  }

  private void mark(SnapshotStore snapshots, SnapshotInfo info) throws IOException {
    for (ManifestRef manifest : info.manifests()) {
      manifests.add(ChunkId.of(manifest.hash().bytes()));
    }
    for (ManifestRef manifest : info.manifests()) {
      if (seenManifests.size() < MAX_REMEMBERED
          ? !seenManifests.add(manifest)
          : seenManifests.contains(manifest)) {
        continue;
      }
      for (TreeEntry entry : snapshots.readManifest(manifest)) {
        mark(entry.node());
      }
    }
  }

  private void mark(Node node) throws IOException {
    if (node instanceof Node.File file) {
      mark(file.content().extents(), Missing.FAILS);
    }
  }

  private void mark(List<Extent> extents, Missing missing) throws IOException {
    for (Extent extent : extents) {
      switch (extent) {
        case Extent.Hole _ -> {}
        case Extent.Chunk chunk -> chunks.add(chunk.id());
        case Extent.Nested(Extent.Chunk list, long _) -> {
          chunks.add(list.id());
          markList(list.id(), missing);
        }
      }
    }
  }

  private void markList(ChunkId list, Missing missing) throws IOException {
    if (seenLists.contains(list)) {
      return;
    }
    byte[] plain;
    try {
      plain = repository.readChunk(list);
    } catch (ChunkMissingException e) {
      if (missing == Missing.MAY_BE) {
        return;
      }
      throw e;
    }
    mark(Records.decodeExtents(plain), missing);
    if (seenLists.size() < MAX_REMEMBERED) {
      seenLists.add(list);
    }
  }
}
