package dev.tidemark.watcher.state;

import dev.tidemark.filesystem.entry.Batch;
import dev.tidemark.filesystem.entry.EntryStore;
import dev.tidemark.filesystem.entry.EntryStoreCorruptException;
import dev.tidemark.filesystem.entry.Listing;
import dev.tidemark.filesystem.entry.Table;
import dev.tidemark.filesystem.entry.TableScan;
import dev.tidemark.schemas.change.Change.Previous;
import dev.tidemark.schemas.change.Epoch;
import dev.tidemark.schemas.change.Extent;
import dev.tidemark.schemas.chunk.ChunkId;
import dev.tidemark.schemas.codec.Records;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The state folder: entries by (directory id, name), and the tables {@code chunks} (chunk id →
 * position and holders), {@code lists} (id of a nested extent list → its plain bytes), {@code
 * inodes} (inode and entry key of all but directories → nothing), {@code foreign-names} (inode →
 * nothing), {@code doubt} (entry key → how much) and {@code meta}.
 *
 * <p>Inodes are 8 bytes, big-endian.
 *
 * <p>Reads from any thread. What {@link #batch()} returns is written by its one owner.
 */
public final class StateStore implements AutoCloseable {
  /** The id of the tree's root. */
  public static final long ROOT_DIRECTORY = 1;

  static final Table CHUNKS = new Table("chunks");
  static final Table LISTS = new Table("lists");
  static final Table INODES = new Table("inodes");
  static final Table FOREIGN = new Table("foreign-names");
  static final Table DOUBT = new Table("doubt");
  static final Table META = new Table("meta");

  /** Rises when an older store cannot be gone on with: it is answered by a full scan. */
  private static final long LAYOUT = 2;

  private static final byte[] LAYOUT_KEY = key("layout");
  private static final byte[] FIRST_KEY = {0};
  private static final byte[] EPOCH = key("epoch");
  private static final byte[] ACKNOWLEDGED = key("acknowledged");
  private static final byte[] CHUNKS_TOPIC = key("chunks-topic");
  private static final byte[] CHANGES_TOPIC = key("changes-topic");
  private static final byte[] GENERATION = key("chunks-generation");
  private static final byte[] NEXT_DIRECTORY = key("next-directory");
  private static final String ENTRIES = "entries";

  private final EntryStore store;
  private final boolean wasDamaged;

  private StateStore(EntryStore store, boolean wasDamaged) {
    this.store = store;
    this.wasDamaged = wasDamaged;
  }

  /**
   * Opens the store in a folder, which is made. A damaged store is moved aside, within the folder,
   * and an empty one made.
   *
   * @param suffix of the name under which a damaged store is kept
   * @throws dev.tidemark.filesystem.entry.EntryStoreLockedException if another process has it open
   */
  public static StateStore open(Path folder, String suffix) throws IOException {
    Files.createDirectories(folder);
    Path entries = folder.resolve(ENTRIES);
    try {
      return new StateStore(openEntries(entries), false);
    } catch (EntryStoreCorruptException _) {
      Files.move(entries, folder.resolve(ENTRIES + ".damaged-" + suffix));
      return new StateStore(openEntries(entries), true);
    }
  }

  /** Opens an empty store in place of what is there. */
  public static StateStore openEmpty(Path folder, String suffix) throws IOException {
    // Opened first: another process that works with it must notice, not lose it.
    open(folder, suffix).close();
    deleteTree(folder.resolve(ENTRIES));
    return open(folder, suffix);
  }

  /** Whether what was there before had to be moved aside. */
  public boolean wasDamaged() {
    return wasDamaged;
  }

  /** Whether another version made it, which kept other things of each entry. */
  public boolean isOfAnotherLayout() throws IOException {
    return changesTopic().isPresent() && number(LAYOUT_KEY, 1) != LAYOUT;
  }

  public Optional<EntryRecord> find(EntryKey key) throws IOException {
    Optional<byte[]> bytes = store.find(key.directory(), key.name().bytes());
    return bytes.isPresent() ? Optional.of(EntryRecord.decode(bytes.get())) : Optional.empty();
  }

  /** The entries of one directory, by name. */
  public StoredEntries list(long directory) {
    return new StoredEntries(store.list(directory));
  }

  static byte[] inodeKey(long inode) {
    return bytes(inode);
  }

  static byte[] indexKey(long inode, EntryKey key) {
    byte[] name = key.name().bytes();
    return ByteBuffer.allocate(2 * Long.BYTES + name.length)
        .putLong(inode)
        .putLong(key.directory())
        .put(name)
        .array();
  }

  /** Names that the index has of an inode. */
  IndexedNames names(long inode) {
    return new IndexedNames(inode, store.scan(INODES, inodeKey(inode)));
  }

  /** Inodes of the table of foreign names that come after one. */
  List<Long> foreignInodes(long after, int most) throws IOException {
    List<Long> inodes = new ArrayList<>();
    try (TableScan scan = store.scan(FOREIGN, inodeKey(after + 1))) {
      while (inodes.size() < most && scan.next()) {
        inodes.add(ByteBuffer.wrap(scan.key()).getLong());
      }
    }
    return inodes;
  }

  Optional<ChunkState> chunk(ChunkId id) throws IOException {
    return store.get(CHUNKS, id.bytes()).map(ChunkState::decode);
  }

  /** Keeps the extents of a nested list, before any entry names it. From any thread. */
  public void keepList(ChunkId list, byte[] plain) throws IOException {
    try (Batch batch = store.batch()) {
      batch.put(LISTS, list.bytes(), plain).commit();
    }
  }

  List<Extent> extentsOf(ChunkId list) throws IOException {
    Optional<byte[]> plain = store.get(LISTS, list.bytes());
    return plain.isPresent() ? Records.decodeExtents(plain.get()) : List.of();
  }

  /** All paths of which nobody knows what was accepted. */
  public Map<EntryKey, Doubt> doubts() throws IOException {
    Map<EntryKey, Doubt> doubts = new HashMap<>();
    try (TableScan scan = store.scan(DOUBT, FIRST_KEY)) {
      while (scan.next()) {
        doubts.put(EntryKey.decode(scan.key()), Doubt.values()[scan.value()[0]]);
      }
    }
    return doubts;
  }

  /** The epoch that this store's changes belong to. */
  public Previous epoch() throws IOException {
    Optional<byte[]> bytes = store.get(META, EPOCH);
    if (bytes.isEmpty()) {
      return new Previous.None();
    }
    ByteBuffer in = ByteBuffer.wrap(bytes.get());
    long offset = in.getLong();
    return new Previous.Known(new Epoch(offset, new UUID(in.getLong(), in.getLong())));
  }

  /** Last number of the contiguous acknowledged prefix of {@link #epoch()}. */
  public long acknowledged() throws IOException {
    return number(ACKNOWLEDGED, 0);
  }

  public Optional<UUID> chunksTopic() throws IOException {
    return store.get(META, CHUNKS_TOPIC).map(StateStore::uuid);
  }

  public Optional<UUID> changesTopic() throws IOException {
    return store.get(META, CHANGES_TOPIC).map(StateStore::uuid);
  }

  /**
   * Counts the chunks topics that this store has seen; positions of another generation mean
   * nothing.
   */
  public int generation() throws IOException {
    return (int) number(GENERATION, 0);
  }

  /** An id that was not given before, and as many as wanted after it. */
  public long reserveDirectoryIds(int count) throws IOException {
    long next = number(NEXT_DIRECTORY, 1);
    try (Batch batch = store.batch()) {
      batch.put(META, NEXT_DIRECTORY, bytes(next + count)).commit();
    }
    return next;
  }

  /**
   * Notes the topics that positions and offsets belong to; on a new chunks topic all positions are
   * forgotten.
   */
  public void bindTopics(UUID chunksTopic, UUID changesTopic) throws IOException {
    boolean sameChunks = chunksTopic().filter(chunksTopic::equals).isPresent();
    try (Batch batch = store.batch()) {
      if (!sameChunks) {
        batch.clear(CHUNKS).clear(LISTS);
        batch.put(META, GENERATION, bytes(generation() + 1L));
        batch.put(META, CHUNKS_TOPIC, bytes(chunksTopic));
      }
      batch.put(META, LAYOUT_KEY, bytes(LAYOUT));
      batch.put(META, CHANGES_TOPIC, bytes(changesTopic)).commit();
    }
  }

  /** The EPOCH_STARTED of a new term was acknowledged: numbers begin again. */
  public void beginEpoch(Epoch epoch) throws IOException {
    byte[] value =
        ByteBuffer.allocate(3 * Long.BYTES)
            .putLong(epoch.offset())
            .put(bytes(epoch.writer()))
            .array();
    try (Batch batch = store.batch()) {
      batch.put(META, EPOCH, value).put(META, ACKNOWLEDGED, bytes(0)).commit();
    }
  }

  /** Forgets all doubts: a full scan puts everything again. */
  public void clearDoubts() throws IOException {
    try (Batch batch = store.batch()) {
      batch.clear(DOUBT).commit();
    }
  }

  /** On return, all that was committed survives a power loss. */
  public void sync() throws IOException {
    store.flush();
  }

  @Override
  public void close() throws IOException {
    store.close();
  }

  Batch batch() {
    return store.batch();
  }

  static void acknowledged(Batch batch, long number) throws IOException {
    batch.put(META, ACKNOWLEDGED, bytes(number));
  }

  private long number(byte[] key, long otherwise) throws IOException {
    return store.get(META, key).map(v -> ByteBuffer.wrap(v).getLong()).orElse(otherwise);
  }

  private static byte[] key(String name) {
    return name.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] bytes(long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
  }

  private static byte[] bytes(UUID id) {
    return ByteBuffer.allocate(2 * Long.BYTES)
        .putLong(id.getMostSignificantBits())
        .putLong(id.getLeastSignificantBits())
        .array();
  }

  private static UUID uuid(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    return new UUID(in.getLong(), in.getLong());
  }

  private static EntryStore openEntries(Path entries) throws IOException {
    return EntryStore.open(entries, List.of(CHUNKS, LISTS, INODES, FOREIGN, DOUBT, META));
  }

  private static void deleteTree(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, java.io.IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Entry keys of one inode. For one thread; must be closed. */
  static final class IndexedNames implements AutoCloseable {
    private final long inode;
    private final TableScan scan;
    private EntryKey key = EntryKey.ROOT;

    private IndexedNames(long inode, TableScan scan) {
      this.inode = inode;
      this.scan = scan;
    }

    boolean next() throws IOException {
      if (!scan.next()) {
        return false;
      }
      ByteBuffer in = ByteBuffer.wrap(scan.key());
      if (in.getLong() != inode) {
        return false;
      }
      byte[] rest = new byte[in.remaining()];
      in.get(rest);
      key = EntryKey.decode(rest);
      return true;
    }

    EntryKey key() {
      return key;
    }

    @Override
    public void close() {
      scan.close();
    }
  }

  /** A directory's entries in the unsigned order of their names. For one thread; must be closed. */
  public static final class StoredEntries implements AutoCloseable {
    private final Listing listing;

    private StoredEntries(Listing listing) {
      this.listing = listing;
    }

    public boolean next() throws IOException {
      return listing.next();
    }

    public Name name() {
      return new Name(listing.name());
    }

    public EntryRecord record() throws IOException {
      return EntryRecord.decode(listing.value());
    }

    @Override
    public void close() {
      listing.close();
    }
  }
}
