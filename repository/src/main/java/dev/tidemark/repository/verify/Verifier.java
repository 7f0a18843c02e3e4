package dev.tidemark.repository.verify;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.index.ChunkIndex;
import dev.tidemark.repository.schema.SchemaFiles;
import dev.tidemark.repository.snapshot.SnapshotStore;
import dev.tidemark.repository.treelog.LogSegment;
import dev.tidemark.repository.treelog.TreeLog;
import dev.tidemark.repository.victim.Announcements;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Checks a repository. Memory grows with the number of packs, not of chunks or files. For one
 * thread.
 */
public final class Verifier {
  private final BlobStore store;
  private final ChunkIndex index;
  private final ChunkReader chunks;

  /** Reads one chunk's plain bytes, proved. */
  public interface ChunkReader {
    byte[] read(ChunkId id) throws IOException;
  }

  public Verifier(BlobStore store, ChunkIndex index, ChunkReader chunks) {
    this.store = store;
    this.index = index;
    this.chunks = chunks;
  }

  /**
   * Looks at everything.
   *
   * @throws IOException if the store could not be listed; what is wrong with a blob is in the
   *     report
   */
  public VerifyReport run(VerifyOptions options, List<TreeName> trees) throws IOException {
    return examine(options, trees).report();
  }

  /** The same, with what a repair has to know. */
  Examination examine(VerifyOptions options, List<TreeName> trees) throws IOException {
    Map<TreeName, Set<Long>> damagedSnapshots = new TreeMap<>();
    Map<TreeName, Set<LogSegment>> damagedSegments = new TreeMap<>();
    Set<BlobName> worthless = new HashSet<>();
    DamageList damages = new DamageList();
    PackCheck packs = new PackCheck(store, index, damages);
    packs.run(options);
    AtomicLong told = new AtomicLong();
    Runnable tell =
        () ->
            options
                .progress()
                .progressed(
                    new VerifyProgress(
                        packs.packCount(),
                        packs.packCount(),
                        packs.packBytes(),
                        packs.packBytes(),
                        told.incrementAndGet()));
    long segments = 0;
    long changes = 0;
    long snapshots = 0;
    long manifests = 0;
    for (TreeName tree : trees) {
      TreeCheck check =
          new TreeCheck(
              store,
              new TreeLog(store, tree),
              new SnapshotStore(store, tree),
              packs,
              chunks::read,
              damages,
              tell);
      check.run();
      worthless.addAll(check.damagedMarks());
      if (!check.damagedSnapshots().isEmpty()) {
        damagedSnapshots.put(tree, check.damagedSnapshots());
      }
      if (!check.damagedSegments().isEmpty()) {
        damagedSegments.put(tree, check.damagedSegments());
      }
      segments += check.segmentCount();
      changes += check.changeCount();
      snapshots += check.snapshotCount();
      manifests += check.manifestCount();
    }
    for (BlobName schema : new SchemaFiles(store).damaged()) {
      damages.add(
          schema.value(),
          "The schema at %s is changed. Nothing is lost; `tidemark repair` puts it again."
              .formatted(store.describe(schema)));
    }
    Map<BlobName, String> announcements = new Announcements(store).damaged();
    announcements.forEach((name, reason) -> damages.add(name.value(), reason));
    worthless.addAll(announcements.keySet());
    VerifyReport report =
        new VerifyReport(
            options.mode(),
            packs.packCount(),
            packs.readPacks(),
            packs.packBytes(),
            packs.packedChunks(),
            packs.unindexed(),
            packs.indexBlobs(),
            trees.size(),
            segments,
            changes,
            snapshots,
            manifests,
            damages.damages(),
            damages.count());
    return new Examination(
        report,
        packs.damagedIndexBlobs(),
        packs.damagedPacks(),
        packs.missingPacks(),
        damages.lost(),
        damagedSnapshots,
        damagedSegments,
        worthless);
  }
}
