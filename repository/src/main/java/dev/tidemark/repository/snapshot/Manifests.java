package dev.tidemark.repository.snapshot;

import dev.tidemark.repository.blob.BlobMissingException;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.ContentHash;
import dev.tidemark.repository.blob.UnsupportedBlobException;
import dev.tidemark.repository.container.Container;
import dev.tidemark.repository.container.DamagedContainerException;
import dev.tidemark.schemas.avro.ManifestEntry;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.codec.RepositoryRecords;
import dev.tidemark.schemas.codec.UnreadableRecordException;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads manifests of one tree, keeping the last few decoded. A manifest is a container file of
 * {@code ManifestEntry} records in path order, without metadata. Thread-safe; one manifest is read
 * at a time.
 */
final class Manifests {
  /** What an entry takes in memory, and what each extent of a file does, about. */
  private static final int ENTRY_BYTES = 400;

  private static final int EXTENT_BYTES = 120;

  /** Whoever goes through a tree twice, as a restore does, reads it once if it is not large. */
  private static final long MAX_DECODED_BYTES =
      Math.clamp(Runtime.getRuntime().maxMemory() / 8, 4 << 20, 64 << 20);

  private final BlobStore store;
  private final TreeName tree;
  private final Map<ContentHash, Decoded> decoded = new LinkedHashMap<>(16, 0.75f, true);
  private long decodedBytes;

  private record Decoded(List<TreeEntry> entries, long bytes) {}

  Manifests(BlobStore store, TreeName tree) {
    this.store = store;
    this.tree = tree;
  }

  /** The entries of a manifest, sorted by path, never empty. */
  synchronized List<TreeEntry> read(ManifestRef ref) throws IOException {
    Decoded found = decoded.get(ref.hash());
    if (found == null) {
      List<TreeEntry> entries = decode(ref);
      found = new Decoded(entries, bytesOf(entries));
      decoded.put(ref.hash(), found);
      decodedBytes += found.bytes();
      letGo();
    }
    return found.entries();
  }

  private static long bytesOf(List<TreeEntry> entries) {
    long bytes = 0;
    for (TreeEntry entry : entries) {
      bytes += ENTRY_BYTES;
      if (entry.node() instanceof Node.File file) {
        bytes += (long) EXTENT_BYTES * file.content().extents().size();
      }
    }
    return bytes;
  }

  /** The last one stays however large it is. */
  private void letGo() {
    Iterator<Decoded> oldest = decoded.values().iterator();
    while (decodedBytes > MAX_DECODED_BYTES && decoded.size() > 1) {
      decodedBytes -= oldest.next().bytes();
      oldest.remove();
    }
  }

  private List<TreeEntry> decode(ManifestRef ref) throws IOException {
    BlobName name = ref.blobName(tree);
    String place = store.describe(name);
    byte[] bytes;
    try {
      bytes = store.get(name);
    } catch (BlobMissingException e) {
      throw new CorruptSnapshotException(name, place, "it is missing", e);
    }
    ContentHash actual = ContentHash.compute(bytes);
    if (!actual.equals(ref.hash())) {
      throw new CorruptSnapshotException(
          name, place, "the SHA-256 of its %d bytes is %s".formatted(bytes.length, actual));
    }
    try {
      List<TreeEntry> entries = new ArrayList<>((int) ref.entries());
      Container<ManifestEntry> container = Container.open(bytes, ManifestEntry.getClassSchema());
      for (Optional<ManifestEntry> next = container.next();
          next.isPresent();
          next = container.next()) {
        NodePath path = RepositoryRecords.path(next.get().getPath());
        if (!entries.isEmpty() && entries.getLast().path().compareTo(path) >= 0) {
          throw new CorruptSnapshotException(name, place, "its entries are not sorted at " + path);
        }
        entries.add(new TreeEntry(path, RepositoryRecords.node(next.get())));
      }
      if (entries.size() != ref.entries()
          || !entries.getFirst().path().equals(ref.first())
          || !entries.getLast().path().equals(ref.last())) {
        throw new CorruptSnapshotException(
            name, place, "it holds %d entries of other paths".formatted(entries.size()));
      }
      return entries;
    } catch (DamagedContainerException e) {
      throw new CorruptSnapshotException(name, place, e.what(), e);
    } catch (UnreadableRecordException | IllegalArgumentException | ArithmeticException e) {
      throw new UnsupportedBlobException(
          name,
          "Manifest at %s is whole, but holds what this Tidemark does not understand: %s. A newer one is needed (see `tidemark version`)."
              .formatted(place, e.getMessage()),
          e);
    }
  }
}
