package dev.tidemark.repository.snapshot;

import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.ContentHash;
import dev.tidemark.repository.blob.FreshPut;
import dev.tidemark.repository.container.Container;
import dev.tidemark.schemas.avro.ManifestEntry;
import dev.tidemark.schemas.change.Content;
import dev.tidemark.schemas.change.Metadata;
import dev.tidemark.schemas.change.Node;
import dev.tidemark.schemas.change.NodePath;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.codec.RepositoryRecords;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * Cuts a tree's entries into manifests and puts them.
 *
 * <p>A manifest ends behind an entry whose path has a CRC32C with {@value #CUT_BITS} low zero bits,
 * once it has {@value #MIN_ENTRIES} entries; or at {@value #MAX_ENTRIES} entries or about {@value
 * #MAX_BYTES} bytes. So what is cut depends on paths nearby and not on how many entries stand
 * before: a change alters the manifest it falls into, seldom the next. Holds one manifest's entries
 * in memory. For one thread.
 */
final class ManifestWriter {
  static final int CUT_BITS = 9;
  static final int MIN_ENTRIES = 128;
  static final int MAX_ENTRIES = 4096;
  static final int MAX_BYTES = 4 << 20;

  /** Metadata that means nothing, but makes another blob of the same entries. */
  private static final String SALT = "tidemark.salt";

  private static final int CUT_MASK = (1 << CUT_BITS) - 1;

  private final BlobStore store;
  private final TreeName tree;

  /** Those known to be durable. */
  private final Set<ContentHash> present;

  private final List<ManifestEntry> entries = new ArrayList<>();
  private final List<ManifestRef> manifests = new ArrayList<>();
  private NodePath first = NodePath.ROOT;
  private NodePath last = NodePath.ROOT;
  private long bytes;

  ManifestWriter(BlobStore store, TreeName tree, Set<ContentHash> present) {
    this.store = store;
    this.tree = tree;
    this.present = present;
  }

  /** Takes the next entry in path order. */
  void add(TreeEntry entry) throws IOException {
    if (entries.isEmpty()) {
      first = entry.path();
    }
    last = entry.path();
    entries.add(RepositoryRecords.toAvro(entry.path(), entry.node()));
    bytes += estimateBytes(entry);
    boolean chosen = entries.size() >= MIN_ENTRIES && isCut(entry.path());
    if (chosen || entries.size() >= MAX_ENTRIES || bytes >= MAX_BYTES) {
      flush();
    }
  }

  /** Whether the next entry begins a manifest. */
  boolean isBetweenManifests() {
    return entries.isEmpty();
  }

  /** Takes a manifest that is there already, between two others. */
  void share(ManifestRef manifest) {
    if (!isBetweenManifests()) {
      throw new IllegalStateException("a manifest of other entries is open");
    }
    manifests.add(manifest);
  }

  /** Puts what is left and returns all manifests. */
  List<ManifestRef> finish() throws IOException {
    if (!entries.isEmpty()) {
      flush();
    }
    return List.copyOf(manifests);
  }

  private static boolean isCut(NodePath path) {
    CRC32C hash = new CRC32C();
    hash.update(path.bytes());
    return (hash.getValue() & CUT_MASK) == 0;
  }

  /** A function of the entry alone, near its encoded length. */
  private static long estimateBytes(TreeEntry entry) {
    Metadata metadata = entry.node().metadata();
    long attributes =
        metadata.attributes().stream()
            .mapToLong(a -> a.name().length() + a.value().length() + 4)
            .sum();
    long own =
        switch (entry.node()) {
          case Node.File(Metadata _, Content content) -> 45L * content.extents().size();
          case Node.Symlink(Metadata _, var target) -> target.length();
          case Node.Directory _, Node.Fifo _, Node.Device _ -> 0;
        };
    return 40 + entry.path().length() + attributes + own;
  }

  private void flush() throws IOException {
    byte[] encoded = encode(Map.of());
    ContentHash hash = ContentHash.compute(encoded);
    if (!present.contains(hash)) {
      encoded = putFresh(encoded);
      hash = ContentHash.compute(encoded);
      present.add(hash);
    }
    manifests.add(new ManifestRef(hash, first, last, entries.size(), encoded.length));
    entries.clear();
    bytes = 0;
  }

  /**
   * One that is there, but not of the snapshot before, may be about to be deleted. With a random
   * salt, one that is there after an answer was lost is this one.
   */
  private byte[] putFresh(byte[] unsalted) throws IOException {
    byte[] encoded = unsalted;
    boolean salted = false;
    while (true) {
      ContentHash hash = ContentHash.compute(encoded);
      ManifestRef ref = new ManifestRef(hash, first, last, entries.size(), encoded.length);
      boolean fresh =
          switch (FreshPut.put(store, ref.blobName(tree), encoded)) {
            case FRESH -> true;
            case FOUND -> false;
            case UNSURE -> salted;
          };
      if (fresh) {
        return encoded;
      }
      salted = true;
      byte[] salt = UUID.randomUUID().toString().getBytes(StandardCharsets.UTF_8);
      encoded = encode(Map.of(SALT, salt));
    }
  }

  private byte[] encode(Map<String, byte[]> metadata) {
    return Container.write(ManifestEntry.getClassSchema(), metadata, entries);
  }
}
