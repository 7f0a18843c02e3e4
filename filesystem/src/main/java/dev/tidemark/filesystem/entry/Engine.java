package dev.tidemark.filesystem.entry;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WALRecoveryMode;

/**
 * An open RocksDB with its native options, which must outlive it: the default column family for
 * entries, one more for each table. What a table of an earlier version left stays as it is.
 */
final class Engine implements AutoCloseable {
  private static final long BLOCK_CACHE_BYTES = 32L << 20;
  private static final long WRITE_BUFFER_BYTES = 16L << 20;
  private static final int WRITE_BUFFERS = 2;
  private static final long WAL_BYTES = 16L << 20;
  private static final long MANIFEST_BYTES = 4L << 20;
  private static final long LOG_FILE_BYTES = 1L << 20;
  private static final int LOG_FILES = 2;
  private static final int OPEN_FILES = 256;
  private static final int BLOCK_BYTES = 16 << 10;
  private static final int BLOOM_BITS = 10;

  private final List<AutoCloseable> owned;
  private final RocksDB database;
  private final Map<String, ColumnFamilyHandle> families;

  private Engine(
      List<AutoCloseable> owned, RocksDB database, Map<String, ColumnFamilyHandle> families) {
    this.owned = owned;
    this.database = database;
    this.families = families;
  }

  static Engine open(Path folder, List<Table> tables) throws IOException {
    requireAscii(folder);
    Files.createDirectories(folder);
    requireWhole(folder);
    RocksDB.loadLibrary();
    List<AutoCloseable> owned = new ArrayList<>();
    try {
      return open(folder, tables, owned);
    } catch (RocksDBException e) {
      IOException failure = Failures.toOpen(folder, e);
      closeAll(owned, failure);
      throw failure;
    }
  }

  private static Engine open(Path folder, List<Table> tables, List<AutoCloseable> owned)
      throws RocksDBException {
    String path = folder.toString();
    ColumnFamilyOptions familyOptions = familyOptions(owned);
    List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
    for (String name : familyNames(path, tables)) {
      descriptors.add(new ColumnFamilyDescriptor(name.getBytes(US_ASCII), familyOptions));
    }
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    RocksDB database = RocksDB.open(databaseOptions(owned), path, descriptors, handles);
    owned.add(database);
    owned.addAll(handles);
    Map<String, ColumnFamilyHandle> families = new HashMap<>();
    for (int i = 0; i < handles.size(); i++) {
      families.put(new String(descriptors.get(i).getName(), US_ASCII), handles.get(i));
    }
    return new Engine(owned, database, families);
  }

  /** Those on disk, all of which RocksDB wants opened, and those that are new. */
  private static Set<String> familyNames(String path, List<Table> tables) throws RocksDBException {
    Set<String> names = new LinkedHashSet<>();
    names.add(new String(RocksDB.DEFAULT_COLUMN_FAMILY, UTF_8));
    if (Files.exists(Path.of(path, "CURRENT"))) {
      try (Options options = new Options()) {
        RocksDB.listColumnFamilies(options, path)
            .forEach(name -> names.add(new String(name, US_ASCII)));
      }
    }
    tables.forEach(table -> names.add(table.name()));
    return names;
  }

  private static DBOptions databaseOptions(List<AutoCloseable> owned) {
    DBOptions options =
        new DBOptions()
            .setCreateIfMissing(true)
            .setCreateMissingColumnFamilies(true)
            // Of all tables together.
            .setDbWriteBufferSize(WRITE_BUFFER_BYTES * WRITE_BUFFERS)
            .setMaxTotalWalSize(WAL_BYTES)
            .setMaxManifestFileSize(MANIFEST_BYTES)
            .setMaxOpenFiles(OPEN_FILES)
            .setMaxBackgroundJobs(2)
            // What was torn at the end of the log by a power loss was never synced: it is dropped.
            .setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery)
            .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
            .setMaxLogFileSize(LOG_FILE_BYTES)
            .setKeepLogFileNum(LOG_FILES)
            .setStatsDumpPeriodSec(0)
            .setStatsPersistPeriodSec(0);
    owned.add(options);
    return options;
  }

  private static ColumnFamilyOptions familyOptions(List<AutoCloseable> owned) {
    LRUCache cache = new LRUCache(BLOCK_CACHE_BYTES);
    owned.add(cache);
    BloomFilter filter = new BloomFilter(BLOOM_BITS);
    owned.add(filter);
    BlockBasedTableConfig blocks =
        new BlockBasedTableConfig()
            .setBlockCache(cache)
            .setBlockSize(BLOCK_BYTES)
            .setFilterPolicy(filter)
            // Else indexes and filters are held outside the cache, and grow with the tree.
            .setCacheIndexAndFilterBlocks(true)
            .setCacheIndexAndFilterBlocksWithHighPriority(true)
            .setPinL0FilterAndIndexBlocksInCache(true);
    ColumnFamilyOptions options =
        new ColumnFamilyOptions()
            .setTableFormatConfig(blocks)
            .setWriteBufferSize(WRITE_BUFFER_BYTES)
            .setMaxWriteBufferNumber(WRITE_BUFFERS)
            .setLevelCompactionDynamicLevelBytes(true)
            .setCompressionType(CompressionType.LZ4_COMPRESSION);
    owned.add(options);
    return options;
  }

  RocksDB database() {
    return database;
  }

  ColumnFamilyHandle entries() {
    return family(new String(RocksDB.DEFAULT_COLUMN_FAMILY, UTF_8));
  }

  /**
   * The column family of a table.
   *
   * @throws IllegalArgumentException if it was not named at open
   */
  ColumnFamilyHandle table(Table table) {
    return family(table.name());
  }

  /** Writes all that is in memory into table files. */
  void flush() throws RocksDBException {
    try (FlushOptions options = new FlushOptions().setWaitForFlush(true)) {
      database.flush(options, List.copyOf(families.values()));
    }
  }

  private ColumnFamilyHandle family(String name) {
    ColumnFamilyHandle handle = families.get(name);
    if (handle == null) {
      throw new IllegalArgumentException("Not a table named when this store was opened: " + name);
    }
    return handle;
  }

  /** Closes in the reverse order of opening: tables, database, options, cache. */
  @Override
  public void close() throws IOException {
    IOException failure = new IOException("Could not close an entry store");
    closeAll(owned, failure);
    if (failure.getSuppressed().length > 0) {
      throw failure;
    }
  }

  private static void closeAll(List<AutoCloseable> owned, IOException failure) {
    for (AutoCloseable resource : owned.reversed()) {
      try {
        resource.close();
      } catch (Exception e) { // what AutoCloseable declares; the others must still be closed
        failure.addSuppressed(e);
      }
    }
  }

  private static void requireAscii(Path folder) {
    String path = folder.toString();
    if (!US_ASCII.newEncoder().canEncode(path)) {
      throw new IllegalArgumentException(
          "The folder of an entry store needs a path in ASCII letters: '%s'. Choose another."
              .formatted(path));
    }
  }

  /** Without its file CURRENT, RocksDB would take what is there for nothing and begin anew. */
  private static void requireWhole(Path folder) throws IOException {
    if (Files.exists(folder.resolve("CURRENT"))) {
      return;
    }
    try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, "{MANIFEST-*,*.sst}")) {
      if (left.iterator().hasNext()) {
        throw new EntryStoreCorruptException(folder, "it has data but no file CURRENT");
      }
    }
  }
}
