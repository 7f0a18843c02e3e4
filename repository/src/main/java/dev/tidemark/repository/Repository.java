package dev.tidemark.repository;

import dev.tidemark.repository.blob.BlobMissingException;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.DurablePut;
import dev.tidemark.repository.blob.FreshPut;
import dev.tidemark.repository.blob.Grace;
import dev.tidemark.repository.history.History;
import dev.tidemark.repository.index.ChunkIndex;
import dev.tidemark.repository.index.ChunkLocation;
import dev.tidemark.repository.pack.CorruptPackException;
import dev.tidemark.repository.pack.Pack;
import dev.tidemark.repository.pack.PackEntry;
import dev.tidemark.repository.pack.PackId;
import dev.tidemark.repository.pack.PackReader;
import dev.tidemark.repository.schema.SchemaFiles;
import dev.tidemark.repository.snapshot.SnapshotStore;
import dev.tidemark.repository.treelog.LogCompaction;
import dev.tidemark.repository.treelog.TreeLog;
import dev.tidemark.repository.verify.ChunkSource;
import dev.tidemark.repository.verify.LoggedChanges;
import dev.tidemark.repository.verify.RepairReport;
import dev.tidemark.repository.verify.Repairer;
import dev.tidemark.repository.verify.Verifier;
import dev.tidemark.repository.verify.VerifyMode;
import dev.tidemark.repository.verify.VerifyOptions;
import dev.tidemark.repository.verify.VerifyProgress;
import dev.tidemark.repository.verify.VerifyReport;
import dev.tidemark.schemas.change.TreeName;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.frame.CorruptFrameException;
import dev.tidemark.schemas.frame.Frame;
import dev.tidemark.schemas.topic.RepositoryDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One repository in one store. Thread-safe.
 *
 * <p>What is to be referred to is stored first:
 *
 * <ol>
 *   <li>packs,
 *   <li>then their index,
 *   <li>then the log that names their chunks,
 *   <li>then the manifests of a snapshot,
 *   <li>then the snapshot.
 * </ol>
 *
 * Each step is durable when its call returns and may be repeated after any failure.
 */
public final class Repository implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Repository.class);

  private static final int MAX_NAMES = 100;

  private final InstantSource clock;
  private final BlobStore store;
  private final RepositoryDescriptor descriptor;
  private final SchemaFiles schemas;
  private final ChunkIndex index;
  private final PackReader packs;
  private final Map<TreeName, TreeLog> logs = new ConcurrentHashMap<>();

  private Repository(BlobStore store, RepositoryDescriptor descriptor, InstantSource clock) {
    this.clock = clock;
    this.store = store;
    this.descriptor = descriptor;
    this.schemas = new SchemaFiles(store);
    this.index = new ChunkIndex(store);
    this.packs = new PackReader(store);
  }

  /**
   * Makes a new repository in a store, which it owns from then on.
   *
   * @throws RepositoryExistsException if the store holds one; the store stays open
   */
  public static Repository create(BlobStore store, RepositoryDescriptor descriptor)
      throws IOException {
    if (descriptor.formatVersion() != RepositoryDescriptor.FORMAT_VERSION) {
      throw new IllegalArgumentException(
          "format version %d: this code writes version %d"
              .formatted(descriptor.formatVersion(), RepositoryDescriptor.FORMAT_VERSION));
    }
    String place = store.location().toString();
    if (store.length(DescriptorFile.NAME).isPresent()) {
      throw new RepositoryExistsException(place, "there is one");
    }
    Repository repository = new Repository(store, descriptor, InstantSource.system());
    repository.schemas.require();
    // Last, because its presence is what makes a repository.
    byte[] file = DescriptorFile.encode(descriptor);
    if (DurablePut.put(store, DescriptorFile.NAME, file) == DurablePut.Result.ALREADY_PRESENT
        && !Arrays.equals(store.get(DescriptorFile.NAME), file)) {
      throw new RepositoryExistsException(place, "another process has just made one");
    }
    log.atInfo()
        .addKeyValue("location", place)
        .addKeyValue("id", descriptor.id())
        .log("repository created");
    return repository;
  }

  /**
   * Puts a descriptor that is missing or damaged back, as the log has it.
   *
   * @throws RepositoryMissingException if the store holds nothing of a repository
   */
  public static void putBack(BlobStore store, RepositoryDescriptor descriptor) throws IOException {
    boolean[] found = {false};
    for (String folder : List.of("trees/", PackId.FOLDER)) {
      if (!found[0]) {
        store.list(folder, _ -> found[0] = true);
      }
    }
    if (!found[0]) {
      throw new RepositoryMissingException(store.location().toString());
    }
    store.replace(DescriptorFile.NAME, ByteBuffer.wrap(DescriptorFile.encode(descriptor)));
  }

  /**
   * Opens the repository of a store, which it owns from then on.
   *
   * @throws RepositoryMissingException if there is none; the store stays open, as with the next two
   * @throws RepositoryFormatException if a newer Tidemark made it
   * @throws CorruptRepositoryException if its descriptor is damaged
   */
  public static Repository open(BlobStore store) throws IOException {
    return open(store, InstantSource.system());
  }

  /**
   * The same with another clock, which only measures how long a writer takes from putting a blob to
   * referring to it.
   */
  public static Repository open(BlobStore store, InstantSource clock) throws IOException {
    byte[] file;
    try {
      file = store.get(DescriptorFile.NAME);
    } catch (BlobMissingException absent) {
      throw new RepositoryMissingException(store.location().toString());
    }
    return new Repository(
        store, DescriptorFile.decode(file, store.describe(DescriptorFile.NAME)), clock);
  }

  /**
   * Opens the store that an address names: a folder's path, {@code file:///folder}, or {@code
   * s3://bucket/prefix}. The folder need not exist, the bucket must.
   *
   * @throws IllegalArgumentException if the address is of another kind
   */
  public static BlobStore openStore(String url) throws IOException {
    return StoreUrl.open(url);
  }

  /**
   * The folder that an address names; empty if it names no folder.
   *
   * @throws IllegalArgumentException as {@link #openStore}
   */
  public static Optional<Path> findFolder(String url) {
    return StoreUrl.findFolder(url);
  }

  public RepositoryDescriptor descriptor() {
    return descriptor;
  }

  /** The store that this repository owns. */
  public BlobStore store() {
    return store;
  }

  /**
   * Stores frames as one pack, indexed and durable on return. Of several entries with one id the
   * first is kept.
   *
   * @throws IOException if it is not known to be durable; the same call may be repeated
   */
  public StoredPack storePack(List<PackEntry> entries) throws IOException {
    schemas.require();
    long start = System.nanoTime();
    Pack pack = storeFresh(entries);
    log.atDebug()
        .addKeyValue("pack", pack.id())
        .addKeyValue("chunks", pack.chunks().size())
        .addKeyValue("bytes", pack.bytes().length)
        .addKeyValue("millis", (System.nanoTime() - start) / 1_000_000)
        .log("pack stored");
    return new StoredPack(pack.id(), pack.bytes().length, pack.chunks().size());
  }

  /**
   * Puts a pack that no clean-up knows, and its index in time. One that is there already may be
   * about to be deleted, and so may one whose index came late. With a random salt a pack that is
   * there after an answer was lost is this one, and none of before.
   */
  private Pack storeFresh(List<PackEntry> entries) throws IOException {
    int salt = 0;
    for (int attempt = 0; attempt < MAX_NAMES; attempt++) {
      Pack pack = Pack.encode(entries, salt);
      Grace grace = Grace.start(clock);
      boolean fresh =
          switch (FreshPut.put(store, pack.id().blobName(), pack.bytes())) {
            case FRESH -> true;
            case FOUND -> false;
            case UNSURE -> salt != 0;
          };
      if (fresh) {
        index.add(pack);
        if (!grace.isOver()) {
          return pack;
        }
      }
      salt = ThreadLocalRandom.current().nextInt(1, Pack.MAX_SALT + 1);
    }
    throw new IOException(
        "A pack could not be put under any of %d names; it is safe to try again."
            .formatted(MAX_NAMES));
  }

  /**
   * Whether a pack that stays holds this chunk, by the index as it was last loaded. Packs whose
   * deletion had begun by then do not count.
   */
  public boolean contains(ChunkId id) throws IOException {
    return index.isKept(id);
  }

  /**
   * Where a chunk's frame lies, by the index as it was last loaded; any one place if there are
   * several.
   */
  public Optional<ChunkLocation> locate(ChunkId id) throws IOException {
    return index.find(id);
  }

  /** Takes in what others have added to the index. */
  public void refresh() throws IOException {
    index.refresh();
  }

  /** Indexes packs that no readable index blob names; returns how many index blobs were made. */
  public int rebuildIndex() throws IOException {
    return index.rebuild();
  }

  /** Joins small blobs of the index, once there are many; returns how many were joined. */
  public int mergeIndex() throws IOException {
    return index.merge(clock);
  }

  /**
   * Shows every chunk id of the index at least once, in no order; not those that lie only in packs
   * whose deletion had begun when the index was last loaded.
   */
  public void forEachChunk(Consumer<ChunkId> onChunk) throws IOException {
    index.forEachChunk(onChunk);
  }

  /**
   * A run of a pack's bytes, for readers that fetch neighbouring frames at once. Unchecked: each
   * frame is proved when it is decoded.
   *
   * @throws BlobMissingException if the pack is gone: {@link #readChunk} finds the chunk elsewhere
   */
  public byte[] readPack(PackId pack, int position, int length) throws IOException {
    return packs.read(pack, position, length);
  }

  /**
   * A chunk's frame, as it was sent; its bytes are proved only when it is decoded.
   *
   * @throws ChunkMissingException if no pack holds it, after the index was loaded again
   * @throws CorruptPackException if the pack ends before
   */
  public byte[] readFrame(ChunkId id) throws IOException {
    return read(id, this::readFrame);
  }

  /**
   * A chunk's plain bytes, proved to be those of {@code id}.
   *
   * @return a fresh array
   * @throws ChunkMissingException if no pack holds it, after the index was loaded again
   * @throws CorruptPackException if no pack that should hold it gives the right bytes
   */
  public byte[] readChunk(ChunkId id) throws IOException {
    return read(id, location -> decode(id, location));
  }

  private byte[] readFrame(ChunkLocation location) throws IOException {
    if (!location.isPossible()) {
      throw packs.corrupt(
          location.pack(),
          "the index tells of a frame of %d bytes at position %d"
              .formatted(location.length(), location.position()));
    }
    return packs.read(location.pack(), location.position(), location.length());
  }

  private byte[] decode(ChunkId id, ChunkLocation location) throws IOException {
    byte[] frame = readFrame(location);
    try {
      return Frame.decode(id, frame);
    } catch (CorruptFrameException e) {
      throw packs.corrupt(
          location.pack(), "at position %d: %s".formatted(location.position(), e.getMessage()), e);
    }
  }

  private interface LocationReader {
    byte[] read(ChunkLocation location) throws IOException;
  }

  /**
   * Tries every place that the index knows, then those that it knows after a refresh, then those
   * that only the packs tell.
   */
  private byte[] read(ChunkId id, LocationReader reader) throws IOException {
    List<IOException> failures = new ArrayList<>();
    Set<ChunkLocation> tried = new LinkedHashSet<>();
    Optional<ChunkLocation> first = index.find(id);
    Optional<byte[]> bytes =
        first.isEmpty() ? Optional.empty() : tryRead(first.get(), reader, tried, failures);
    if (bytes.isEmpty()) {
      bytes = tryAll(id, reader, tried, failures);
    }
    if (bytes.isEmpty()) {
      index.refresh();
      bytes = tryAll(id, reader, tried, failures);
    }
    // An index that has lost a blob is made again from the packs before a chunk is given up.
    if (bytes.isEmpty() && index.rebuild() > 0) {
      bytes = tryAll(id, reader, tried, failures);
    }
    if (bytes.isPresent()) {
      return bytes.get();
    }
    IOException failure =
        failures.stream()
            .filter(CorruptPackException.class::isInstance)
            .findFirst()
            .orElseGet(() -> new ChunkMissingException(id, store.location().toString()));
    failures.stream().filter(other -> other != failure).forEach(failure::addSuppressed);
    throw failure;
  }

  private Optional<byte[]> tryAll(
      ChunkId id, LocationReader reader, Set<ChunkLocation> tried, List<IOException> failures)
      throws IOException {
    for (ChunkLocation location : index.findAll(id)) {
      Optional<byte[]> bytes = tryRead(location, reader, tried, failures);
      if (bytes.isPresent()) {
        return bytes;
      }
    }
    return Optional.empty();
  }

  private static Optional<byte[]> tryRead(
      ChunkLocation location,
      LocationReader reader,
      Set<ChunkLocation> tried,
      List<IOException> failures)
      throws IOException {
    if (!tried.add(location)) {
      return Optional.empty();
    }
    try {
      return Optional.of(reader.read(location));
    } catch (BlobMissingException | CorruptPackException e) {
      // A clean-up may have moved the chunk to another pack; and a second copy is as good as the
      // first.
      failures.add(e);
      return Optional.empty();
    }
  }

  /**
   * The sealed changes of a tree; the same object for the same tree, so that appends know where
   * they stand.
   */
  public TreeLog log(TreeName tree) {
    return logs.computeIfAbsent(tree, name -> new TreeLog(store, name));
  }

  /** Makes few segments of a tree's many small ones. */
  public LogCompaction compaction(TreeName tree) {
    return new LogCompaction(store, log(tree));
  }

  public SnapshotStore snapshots(TreeName tree) {
    return new SnapshotStore(store, tree, clock);
  }

  /** The index, for clean-up. */
  public ChunkIndex index() {
    return index;
  }

  /** The packs, for clean-up. */
  public PackReader packs() {
    return packs;
  }

  public History history(TreeName tree) {
    return new History(log(tree), snapshots(tree));
  }

  /** The trees of which anything is sealed, sorted. */
  public List<TreeName> trees() throws IOException {
    List<TreeName> trees = new ArrayList<>();
    for (String folder : store.listFolders("trees/")) {
      try {
        trees.add(new TreeName(folder));
      } catch (IllegalArgumentException foreign) {
        log.atDebug().addKeyValue("folder", folder).log("folder of trees that is no tree");
      }
    }
    return List.copyOf(trees);
  }

  /**
   * Checks that everything that is recorded can be restored, and names what cannot.
   *
   * @throws IOException if the store could not be listed; damage is in the report
   */
  public VerifyReport verify(VerifyOptions options) throws IOException {
    return new Verifier(store, index, this::readChunk).run(options, trees());
  }

  /** The same, of all packs. */
  public VerifyReport verify(VerifyMode mode) throws IOException {
    return verify(VerifyOptions.of(mode));
  }

  /**
   * Gets back what is damaged, as far as it can be had.
   *
   * @param sources where lost chunks may be, in the order in which they are asked
   * @param logged where lost changes may be
   * @throws IOException if the store could not be listed or written; run it again then
   */
  public RepairReport repair(
      List<ChunkSource> sources, Optional<LoggedChanges> logged, VerifyProgress.Listener progress)
      throws IOException {
    return new Repairer(this, index).run(sources, logged, progress);
  }

  @Override
  public void close() throws IOException {
    store.close();
  }
}
