package dev.tidemark.store;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * One memory bound for all state stores of a process: 48 MiB of blocks, index and filter blocks
 * among them, of which write buffers take up to 16 MiB. Made by Kafka Streams, which wants a public
 * class without arguments.
 */
public final class BoundedRocks implements RocksDBConfigSetter {
  private static final long CACHE_BYTES = 48L << 20;
  private static final long WRITE_BYTES = 16L << 20;
  private static final long WRITE_BUFFER_BYTES = 4L << 20;

  private static final class Shared {
    static final Cache CACHE;
    static final WriteBufferManager WRITE_BUFFERS;

    static {
      RocksDB.loadLibrary();
      CACHE = new LRUCache(CACHE_BYTES);
      WRITE_BUFFERS = new WriteBufferManager(WRITE_BYTES, CACHE);
    }
  }

  @Override
  public void setConfig(String storeName, Options options, Map<String, Object> configs) {
    BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
    table.setBlockCache(Shared.CACHE);
    table.setCacheIndexAndFilterBlocks(true);
    table.setPinL0FilterAndIndexBlocksInCache(true);
    // Most lookups are for chunks that are new: the filter answers them without a read.
    table.setFilterPolicy(new BloomFilter(10));
    options.setTableFormatConfig(table);
    options.setWriteBufferManager(Shared.WRITE_BUFFERS);
    options.setWriteBufferSize(WRITE_BUFFER_BYTES);
    options.setMaxWriteBufferNumber(2);
  }

  /** What is shared lives as long as the process. */
  @Override
  public void close(String storeName, Options options) {}
}
