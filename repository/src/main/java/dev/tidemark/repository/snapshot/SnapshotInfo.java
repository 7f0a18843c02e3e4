package dev.tidemark.repository.snapshot;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.cursor.Cursor;
import java.util.List;

/**
 * A snapshot without its entries.
 *
 * @param sequence the change after which the tree stood so
 * @param logTimeMillis effective log time of that change
 * @param cursor where a reader of the log goes on
 * @param manifests in path order, apart from each other
 * @param entries how many in all manifests
 * @param bytes sum of the files' lengths
 */
public record SnapshotInfo(
    TreeName tree,
    long sequence,
    long logTimeMillis,
    Cursor cursor,
    List<ManifestRef> manifests,
    long entries,
    long bytes) {
  public SnapshotInfo {
    manifests = List.copyOf(manifests);
  }

  static String folder(TreeName tree) {
    return "trees/" + tree + "/snapshots/";
  }

  static BlobName blobName(TreeName tree, long sequence) {
    return new BlobName("%s%020d.avro".formatted(folder(tree), sequence));
  }

  /** {@code trees/<tree>/snapshots/<sequence, 20 digits>.avro}. */
  public BlobName blobName() {
    return blobName(tree, sequence);
  }

  /** Sum of the manifests' lengths: what a whole new snapshot would cost at most. */
  public long manifestBytes() {
    return manifests.stream().mapToLong(ManifestRef::bytes).sum();
  }
}
