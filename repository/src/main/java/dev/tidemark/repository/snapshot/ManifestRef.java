package dev.tidemark.repository.snapshot;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.ContentHash;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;

/**
 * A manifest as a snapshot names it.
 *
 * @param hash SHA-256 of the blob
 * @param first path of its first entry
 * @param last path of its last entry
 * @param entries how many
 * @param bytes length of the blob
 */
public record ManifestRef(
    ContentHash hash, NodePath first, NodePath last, long entries, long bytes) {
  /** {@code trees/<tree>/manifests/<sha256>.avro}. */
  public BlobName blobName(TreeName tree) {
    return new BlobName("trees/%s/manifests/%s.avro".formatted(tree, hash));
  }
}
