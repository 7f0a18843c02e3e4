package dev.tidemark.repository.snapshot;

import dev.tidemark.repository.blob.BlobMissingException;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.ContentHash;
import dev.tidemark.repository.blob.DurablePut;
import dev.tidemark.repository.blob.Grace;
import dev.tidemark.repository.blob.UnsupportedBlobException;
import dev.tidemark.repository.container.Container;
import dev.tidemark.repository.container.DamagedContainerException;
import dev.tidemark.schemas.avro.Snapshot;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.codec.RepositoryRecords;
import dev.tidemark.schemas.codec.UnreadableRecordException;
import dev.tidemark.schemas.cursor.Cursor;
import dev.tidemark.schemas.cursor.Cursor.OpenScan;
import dev.tidemark.schemas.tree.TreeBase;
import dev.tidemark.schemas.tree.TreeEntry;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshots of one tree. A snapshot's blob is a container file of one {@code Snapshot} record,
 * without metadata; its name says the sequence. Thread-safe.
 */
public final class SnapshotStore {
  private static final Logger log = LoggerFactory.getLogger(SnapshotStore.class);
  private static final int SEARCHES = 3;

  /** Some hundred bytes each. */
  private static final long MOST_TOUCHED = 100_000;

  private static final Pattern FILE = Pattern.compile("(\\d{20})\\.avro");

  private final BlobStore store;
  private final TreeName tree;
  private final InstantSource clock;

  public SnapshotStore(BlobStore store, TreeName tree) {
    this(store, tree, InstantSource.system());
  }

  /**
   * @param clock measures how long a snapshot takes
   */
  public SnapshotStore(BlobStore store, TreeName tree, InstantSource clock) {
    this.store = store;
    this.tree = tree;
    this.clock = clock;
  }

  public TreeName tree() {
    return tree;
  }

  /**
   * Writes the tree as it stands at the cursor's sequence; durable on return. Streams it in path
   * order, in bounded memory; manifests of the snapshot before that it does not touch are named
   * again without being read. If a snapshot of this sequence is there, that one is kept and
   * returned.
   *
   * @throws IllegalArgumentException between the marks of a full scan: a reader that starts there
   *     would not know what was put
   * @throws SnapshotDisagreementException if the one that is there is of another tree
   */
  public SnapshotInfo write(TreeBase content, Cursor cursor) throws IOException {
    if (cursor.openScan() == OpenScan.FULL) {
      throw new IllegalArgumentException(
          "tree %s at change %d is between the marks of a full scan: no snapshot may be taken"
              .formatted(tree, cursor.sequence()));
    }
    long start = System.nanoTime();
    Grace grace = Grace.start(clock);
    SnapshotWriter.Written written =
        new SnapshotWriter(store, tree, manifestsBefore(cursor.sequence())).write(content);
    SnapshotInfo made =
        new SnapshotInfo(
            tree,
            cursor.sequence(),
            cursor.logTimeMillis(),
            cursor,
            written.manifests(),
            written.entries(),
            written.bytes());
    if (grace.isOver()) {
      throw new IOException(
          ("Snapshot %d of tree %s took more than %d hours: manifests that it shares with the one"
                  + " before may be gone. It was not put; the next attempt begins anew.")
              .formatted(cursor.sequence(), tree, Grace.TO_REFER.toHours()));
    }
    SnapshotInfo kept = put(made);
    log.atInfo()
        .addKeyValue("tree", tree)
        .addKeyValue("sequence", kept.sequence())
        .addKeyValue("entries", kept.entries())
        .addKeyValue("manifests", kept.manifests().size())
        .addKeyValue("millis", (System.nanoTime() - start) / 1_000_000)
        .log("snapshot stored");
    return kept;
  }

  private Set<ContentHash> manifestsBefore(long sequence) throws IOException {
    Set<ContentHash> hashes = new HashSet<>();
    try {
      newestAtOrBefore(sequence)
          .ifPresent(info -> info.manifests().forEach(m -> hashes.add(m.hash())));
    } catch (CorruptSnapshotException e) {
      log.atWarn()
          .addKeyValue("blob", e.blob())
          .log("snapshot is damaged, the next one shares nothing with it; run tidemark repair");
    }
    return hashes;
  }

  private SnapshotInfo put(SnapshotInfo made) throws IOException {
    byte[] encoded = encode(made);
    if (DurablePut.put(store, made.blobName(), encoded) == DurablePut.Result.STORED) {
      return made;
    }
    SnapshotInfo there = read(made.sequence());
    // Another maker's resume point may lie behind more records without effect, and its zstd may be
    // another.
    if (there.entries() != made.entries()
        || there.bytes() != made.bytes()
        || there.logTimeMillis() != made.logTimeMillis()) {
      throw new SnapshotDisagreementException(store.describe(made.blobName()), there, made);
    }
    return there;
  }

  static byte[] encode(SnapshotInfo info) {
    List<dev.tidemark.schemas.avro.ManifestRef> refs = new ArrayList<>();
    for (ManifestRef ref : info.manifests()) {
      refs.add(
          new dev.tidemark.schemas.avro.ManifestRef(
              RepositoryRecords.hash(ChunkId.of(ref.hash().bytes())),
              RepositoryRecords.path(ref.first()),
              RepositoryRecords.path(ref.last()),
              ref.entries(),
              ref.bytes()));
    }
    Snapshot avro =
        new Snapshot(
            info.tree().value(),
            info.sequence(),
            info.logTimeMillis(),
            RepositoryRecords.toAvro(info.cursor()),
            refs,
            info.entries(),
            info.bytes());
    return Container.write(Snapshot.getClassSchema(), Map.of(), List.of(avro));
  }

  /** The sequences of all snapshots, ascending. Lists the store. */
  public List<Long> sequences() throws IOException {
    List<Long> sequences = new ArrayList<>();
    store.list(
        SnapshotInfo.folder(tree),
        status -> {
          Matcher file = FILE.matcher(status.name().lastPart());
          if (file.matches()) {
            sequences.add(Long.parseLong(file.group(1)));
          }
        });
    sequences.sort(null);
    return List.copyOf(sequences);
  }

  /** The newest snapshot that is not after {@code sequence}. */
  public Optional<SnapshotInfo> newestAtOrBefore(long sequence) throws IOException {
    return searchAgain(() -> searchSequence(sequence));
  }

  private Optional<SnapshotInfo> searchSequence(long sequence) throws IOException {
    Optional<Long> newest =
        sequences().stream().filter(candidate -> candidate <= sequence).reduce((_, later) -> later);
    return newest.isEmpty() ? Optional.empty() : Optional.of(read(newest.get()));
  }

  /** The newest snapshot whose effective log time is not after {@code logTimeMillis}. */
  public Optional<SnapshotInfo> newestAtOrBeforeTime(long logTimeMillis) throws IOException {
    return searchAgain(() -> searchTime(logTimeMillis));
  }

  private interface Search {
    Optional<SnapshotInfo> run() throws IOException;
  }

  /** Retention may delete a snapshot between its being listed and read. */
  private static Optional<SnapshotInfo> searchAgain(Search search) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        return search.run();
      } catch (BlobMissingException e) {
        if (attempt == SEARCHES) {
          throw e;
        }
      }
    }
  }

  private Optional<SnapshotInfo> searchTime(long logTimeMillis) throws IOException {
    List<Long> sequences = sequences();
    int low = 0;
    int high = sequences.size();
    Optional<SnapshotInfo> newest = Optional.empty();
    while (low < high) {
      int middle = (low + high) >>> 1;
      SnapshotInfo info = read(sequences.get(middle));
      if (info.logTimeMillis() <= logTimeMillis) {
        newest = Optional.of(info);
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return newest;
  }

  /** The snapshot of exactly this sequence. */
  public SnapshotInfo read(long sequence) throws IOException {
    BlobName name = SnapshotInfo.blobName(tree, sequence);
    String place = store.describe(name);
    byte[] bytes = store.get(name);
    try {
      Container<Snapshot> container = Container.open(bytes, Snapshot.getClassSchema());
      Snapshot avro =
          container.next().orElseThrow(() -> new DamagedContainerException("it holds no record"));
      SnapshotInfo info = toInfo(avro);
      if (!info.tree().equals(tree) || info.sequence() != sequence) {
        throw new CorruptSnapshotException(
            name,
            place,
            "it is snapshot %d of tree %s under another name"
                .formatted(info.sequence(), info.tree()));
      }
      return info;
    } catch (DamagedContainerException e) {
      throw new CorruptSnapshotException(name, place, e.what(), e);
    } catch (UnreadableRecordException | IllegalArgumentException e) {
      throw new UnsupportedBlobException(
          name,
          "Snapshot at %s is whole, but holds what this Tidemark does not understand: %s. A newer one is needed (see `tidemark version`)."
              .formatted(place, e.getMessage()),
          e);
    }
  }

  /** Deletes a snapshot. Its manifests stay, since others may share them. */
  public void delete(long sequence) throws IOException {
    store.delete(SnapshotInfo.blobName(tree, sequence));
  }

  /** The entries of one manifest, in path order, for checks. */
  public List<TreeEntry> readManifest(ManifestRef manifest) throws IOException {
    return new Manifests(store, tree).read(manifest);
  }

  private static SnapshotInfo toInfo(Snapshot avro) throws UnreadableRecordException {
    List<ManifestRef> refs = new ArrayList<>();
    for (var ref : avro.getManifests()) {
      refs.add(
          new ManifestRef(
              ContentHash.of(RepositoryRecords.id(ref.getId()).bytes()),
              RepositoryRecords.path(ref.getFirstPath()),
              RepositoryRecords.path(ref.getLastPath()),
              ref.getEntries(),
              ref.getBytes()));
    }
    return new SnapshotInfo(
        new TreeName(avro.getTree()),
        avro.getSequence(),
        avro.getLogTime(),
        RepositoryRecords.fromAvro(avro.getCursor()),
        refs,
        avro.getEntries(),
        avro.getBytes());
  }

  /**
   * The tree that a snapshot holds. Manifests are read when a stream or a search comes to them, and
   * the last few are kept.
   *
   * @throws IOException from its methods: {@link CorruptSnapshotException} if a manifest is damaged
   *     or gone
   */
  public TreeBase open(SnapshotInfo info) {
    return new SnapshotTree(info.manifests(), new Manifests(store, tree), info.bytes());
  }

  /**
   * A tree to which any number of changes can be applied, to be written then. What it holds in
   * memory does not grow with them; it needs room for temporary files.
   *
   * @param start empty to begin with nothing
   */
  public LongReplay replayFrom(Optional<SnapshotInfo> start) throws IOException {
    return new LongReplay(store, tree, start, MOST_TOUCHED);
  }
}
