package dev.tidemark.repository.verify;

import dev.tidemark.repository.blob.BlobMissingException;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.snapshot.ManifestRef;
import dev.tidemark.repository.snapshot.SnapshotInfo;
import dev.tidemark.repository.snapshot.SnapshotStore;
import dev.tidemark.repository.treelog.CorruptSegmentException;
import dev.tidemark.repository.treelog.Gaps;
import dev.tidemark.repository.treelog.LogListing;
import dev.tidemark.repository.treelog.LogSegment;
import dev.tidemark.repository.treelog.MergeMark;
import dev.tidemark.repository.treelog.SealedChangeStream;
import dev.tidemark.repository.treelog.TreeLog;
import dev.tidemark.repository.verify.Damage.Touch;
import dev.tidemark.schemas.change.Change;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.SealedChange;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.codec.Records;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/**
 * Checks one tree's segments, snapshots and manifests, and that every chunk that they name can be
 * read.
 */
final class TreeCheck {
  /**
   * Bounds what is remembered of long files' lists of extents; a list that was forgotten is read
   * again.
   */
  private static final int MAX_REMEMBERED_LISTS = 100_000;

  /** How often a log that changes while it is read is listed again. */
  private static final int LISTINGS = 4;

  private final BlobStore store;
  private final TreeName tree;
  private final TreeLog log;
  private final SnapshotStore snapshots;
  private final PackCheck packs;
  private final ChunkReader chunks;
  private final DamageList damages;
  private final Runnable told;
  private final Set<ChunkId> soundLists = new HashSet<>();
  private final Set<Long> damagedSnapshots = new TreeSet<>();
  private final Set<LogSegment> damagedSegments = new HashSet<>();
  private final Set<BlobName> damagedMarks = new HashSet<>();
  private final Set<ManifestRef> damagedManifests = new HashSet<>();
  private long segmentCount;
  private long changeCount;
  private long snapshotCount;
  private long manifestCount;

  /** Reads one chunk's plain bytes. */
  interface ChunkReader {
    byte[] read(ChunkId id) throws IOException;
  }

  /**
   * @param told run for each change and entry
   */
  TreeCheck(
      BlobStore store,
      TreeLog log,
      SnapshotStore snapshots,
      PackCheck packs,
      ChunkReader chunks,
      DamageList damages,
      Runnable told) {
    this.store = store;
    this.tree = log.tree();
    this.log = log;
    this.snapshots = snapshots;
    this.packs = packs;
    this.chunks = chunks;
    this.damages = damages;
    this.told = told;
  }

  void run() throws IOException {
    LogListing listing = log.list();
    packs.refresh();
    Gaps removed = listing.removed();
    for (LogSegment segment : listing.segments()) {
      segmentCount++;
      String subject = segment.name().blobName().value();
      guard(subject, () -> checkIfThere(segment, removed));
    }
    for (MergeMark mark : listing.marks()) {
      if (!guard(mark.blobName().value(), () -> mark.requireReadable(store))) {
        damagedMarks.add(mark.blobName());
      }
    }
    guard("trees/" + tree + "/log", this::checkOrder);
    Set<ManifestRef> seen = new HashSet<>();
    checkBases(listing);
    List<Long> sequences = snapshots.sequences();
    packs.refresh();
    for (long sequence : sequences) {
      snapshotCount++;
      String subject = "trees/%s/snapshots/%020d.avro".formatted(tree, sequence);
      if (!guard(subject, () -> checkSnapshot(sequence, seen))) {
        damagedSnapshots.add(sequence);
      }
    }
  }

  /** Those that are there and damaged. */
  Set<LogSegment> damagedSegments() {
    return damagedSegments;
  }

  /** Marks of merged segments that cannot be read. */
  Set<BlobName> damagedMarks() {
    return damagedMarks;
  }

  /** Sequences of those that are damaged, or name a damaged manifest. */
  Set<Long> damagedSnapshots() {
    return damagedSnapshots;
  }

  private interface Check {
    void run() throws IOException;
  }

  /** What one blob does not give must not keep the others from being looked at. */
  private boolean guard(String subject, Check check) {
    try {
      check.run();
      return true;
    } catch (IOException e) {
      damages.add(subject, String.valueOf(e.getMessage()));
      return false;
    }
  }

  /** One that was merged into another, or taken out, may go while this runs. */
  private void checkIfThere(LogSegment segment, Gaps removed) throws IOException {
    try {
      checkSegment(segment, removed);
    } catch (CorruptSegmentException e) {
      damagedSegments.add(segment);
      throw e;
    } catch (BlobMissingException e) {
      if (log.list().segments().contains(segment)) {
        throw e;
      }
    }
  }

  /** Chunks of changes that retention has taken out may be gone. */
  private void checkSegment(LogSegment segment, Gaps removed) throws IOException {
    log.resumePoint(segment);
    try (SealedChangeStream changes = log.read(segment)) {
      for (Optional<SealedChange> next = changes.next(); next.isPresent(); next = changes.next()) {
        changeCount++;
        told.run();
        boolean kept = !removed.contains(next.get().sequence());
        if (kept && next.get().change().body() instanceof Change.Put(NodePath path, Node node)) {
          checkNode(path, node, next.get().sequence(), next.get().logTimeMillis());
        }
      }
    }
  }

  /** Holes, and segments that disagree. */
  private void checkOrder() throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        compareAll();
        return;
      } catch (BlobMissingException mergedMeanwhile) {
        if (attempt == LISTINGS) {
          throw mergedMeanwhile;
        }
      }
    }
  }

  private void compareAll() throws IOException {
    try (SealedChangeStream changes = log.readAndCompareAll()) {
      while (changes.next().isPresent()) {
        // Only that the next one can be given is of interest.
      }
    } catch (CorruptSegmentException reportedByItsOwnName) {
      damages.add(
          reportedByItsOwnName.blob().value(), String.valueOf(reportedByItsOwnName.getMessage()));
    }
  }

  /**
   * The first change behind removed ones builds on a snapshot of the last of them, or has one of
   * its own. And what a snapshot holds was sealed. A snapshot among removed changes may be gone as
   * well: nothing builds on it.
   */
  private void checkBases(LogListing listing) throws IOException {
    NavigableSet<Long> present = new TreeSet<>(snapshots.sequences());
    for (long[] run : listing.removed().ranges()) {
      long last = run[1];
      OptionalLong next =
          listing.segments().stream()
              .filter(segment -> segment.last() > last)
              .mapToLong(segment -> Math.max(segment.first(), last + 1))
              .min();
      if (next.isPresent() && present.subSet(last, true, next.getAsLong(), true).isEmpty()) {
        damages.add(
            "trees/%s/snapshots/%020d.avro".formatted(tree, last),
            ("The snapshot of change %d of tree %s is missing, and the log before it has been taken"
                    + " out. No instant up to the next snapshot can be restored. Copy the file back"
                    + " from another copy of the repository.")
                .formatted(last, tree));
      }
    }
    long newest = present.isEmpty() ? 0 : present.last();
    long sealed = listing.lastSequence();
    if (newest > sealed) {
      damages.add(
          "trees/" + tree + "/log",
          ("Changes %d to %d of tree %s are missing from its log. Instants from %d on can be"
                  + " restored. `tidemark repair` makes them again while Kafka has them; else copy"
                  + " the missing segment files back from another copy of the repository.")
              .formatted(sealed + 1, newest, tree, newest));
    }
  }

  private void checkSnapshot(long sequence, Set<ManifestRef> seen) throws IOException {
    SnapshotInfo info = snapshots.read(sequence);
    for (ManifestRef manifest : info.manifests()) {
      if (seen.add(manifest)) {
        manifestCount++;
        if (!guard(manifest.blobName(tree).value(), () -> checkManifest(manifest, info))) {
          damagedManifests.add(manifest);
        }
      }
      if (damagedManifests.contains(manifest)) {
        damagedSnapshots.add(sequence);
      }
    }
  }

  private void checkManifest(ManifestRef manifest, SnapshotInfo info) throws IOException {
    for (TreeEntry entry : snapshots.readManifest(manifest)) {
      checkNode(entry.path(), entry.node(), info.sequence(), info.logTimeMillis());
      told.run();
    }
  }

  private void checkNode(NodePath path, Node node, long sequence, long logTimeMillis)
      throws IOException {
    if (node instanceof Node.File file) {
      checkExtents(file.content().extents(), new Touch(tree, path, sequence, logTimeMillis));
    }
  }

  /** Whether all that the extents name can be read. */
  private boolean checkExtents(List<Extent> extents, Touch touch) throws IOException {
    boolean sound = true;
    for (Extent extent : extents) {
      sound &=
          switch (extent) {
            case Extent.Chunk chunk -> requireReadable(chunk.id(), touch);
            case Extent.Hole _ -> true;
            case Extent.Nested(Extent.Chunk list, long _) -> checkList(list.id(), touch);
          };
    }
    return sound;
  }

  private boolean checkList(ChunkId list, Touch touch) throws IOException {
    if (soundLists.contains(list)) {
      return true;
    }
    boolean sound = requireReadable(list, touch);
    if (sound) {
      try {
        sound = checkExtents(Records.decodeExtents(chunks.read(list)), touch);
      } catch (IOException e) {
        sound = false;
        damages.touch("chunk " + list, String.valueOf(e.getMessage()), touch);
      }
    }
    if (sound && soundLists.size() < MAX_REMEMBERED_LISTS) {
      soundLists.add(list);
    }
    return sound;
  }

  private boolean requireReadable(ChunkId id, Touch touch) throws IOException {
    if (packs.isReadable(id)) {
      return true;
    }
    damages.lose(id);
    damages.touch(
        packs.subjectOf(id),
        ("Chunk %s is in no pack. Copy missing files of the folders packs and index back from"
                + " another copy of the repository.")
            .formatted(id),
        touch);
    return false;
  }

  long segmentCount() {
    return segmentCount;
  }

  long changeCount() {
    return changeCount;
  }

  long snapshotCount() {
    return snapshotCount;
  }

  long manifestCount() {
    return manifestCount;
  }
}
