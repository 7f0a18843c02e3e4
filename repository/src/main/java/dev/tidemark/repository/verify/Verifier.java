package dev.tidemark.repository.verify;

import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.index.ChunkIndex;
import dev.tidemark.repository.snapshot.SnapshotStore;
import dev.tidemark.repository.treelog.TreeLog;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.util.List;

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
  public VerifyReport run(VerifyMode mode, List<TreeName> trees) throws IOException {
    DamageList damages = new DamageList();
    PackCheck packs = new PackCheck(store, index, damages);
    packs.run(mode);
    long segments = 0;
    long changes = 0;
    long snapshots = 0;
    long manifests = 0;
    for (TreeName tree : trees) {
      TreeCheck check =
          new TreeCheck(
              new TreeLog(store, tree),
              new SnapshotStore(store, tree),
              packs,
              chunks::read,
              damages);
      check.run();
      segments += check.segmentCount();
      changes += check.changeCount();
      snapshots += check.snapshotCount();
      manifests += check.manifestCount();
    }
    return new VerifyReport(
        mode,
        packs.packCount(),
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
  }
}
