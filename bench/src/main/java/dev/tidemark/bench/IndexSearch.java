package dev.tidemark.bench;

import dev.tidemark.repository.Repository;
import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStatus;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.ContentHash;
import dev.tidemark.repository.blob.PutOutcome;
import dev.tidemark.repository.index.ChunkIndex;
import dev.tidemark.repository.index.IndexBlob;
import dev.tidemark.repository.pack.PackId;
import dev.tidemark.repository.pack.PackedChunk;
import dev.tidemark.schemas.chunk.ChunkId;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The index of a large repository, of chunks that are made up: what it costs to make and merge it,
 * and what one question takes in requests, bytes, time and heap, of an index that has read nothing
 * and of one that has.
 *
 * <pre>bench/run index-search [CHUNKS [QUESTIONS [WORK-FOLDER]]]</pre>
 */
final class IndexSearch {
  private static final int CHUNKS_PER_PACK = 150;

  /** What a busy chunk-store adds between two looks at the index. */
  private static final int PACKS_PER_BLOB = 60;

  private static final int BLOBS_PER_LOOK = 16;

  private IndexSearch() {}

  public static void main(String[] arguments) throws Exception {
    int chunks = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10_000_000;
    int questions = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 200;
    Path work =
        arguments.length > 3
            ? Files.createDirectories(Path.of(arguments[3]))
            : Files.createTempDirectory("tidemark-bench");
    try (Counting store = new Counting(Repository.openStore(work.resolve("store").toString()))) {
      make(store, chunks);
      show(store);
      ask(store, chunks, questions);
    }
  }

  private static ChunkId chunk(long number) {
    return ChunkId.of(hash(2 * number));
  }

  private static byte[] hash(long seed) {
    byte[] bytes = new byte[ChunkId.BYTES];
    new SplittableRandom(seed).nextBytes(bytes);
    return bytes;
  }

  private static void make(Counting store, int chunks) throws IOException {
    ChunkIndex index = new ChunkIndex(store);
    TreeMap<PackId, List<PackedChunk>> tables = new TreeMap<>();
    resetPeak();
    long mergeNanos = 0;
    int blobs = 0;
    for (long next = 0; next < chunks; ) {
      List<PackedChunk> table = new ArrayList<>(CHUNKS_PER_PACK);
      for (int i = 0; i < CHUNKS_PER_PACK && next < chunks; i++, next++) {
        table.add(new PackedChunk(chunk(next), 44 + i * 100_000, 90_000));
      }
      tables.put(new PackId(ContentHash.of(hash(2 * next + 1))), table);
      if (tables.size() == PACKS_PER_BLOB || next == chunks) {
        byte[] encoded = IndexBlob.encode(tables);
        store.put(IndexBlob.nameOf(encoded), encoded);
        tables.clear();
        if (++blobs % BLOBS_PER_LOOK == 0) {
          long start = System.nanoTime();
          index.merge(InstantSource.system());
          mergeNanos += System.nanoTime() - start;
        }
      }
    }
    System.out.printf(
        "%,d chunks in %,d index blobs: %.1f s of merging, %.0f bytes put for each chunk; heap at"
            + " most %d MiB%n",
        chunks, blobs, mergeNanos / 1e9, (double) store.putBytes.get() / chunks, peakMebibytes());
  }

  private static void show(BlobStore store) throws IOException {
    List<Long> sizes = new ArrayList<>();
    store.list(IndexBlob.FOLDER, status -> sizes.add(status.bytes()));
    sizes.sort(null);
    System.out.printf(
        "%d blobs are left, %.1f MiB; the largest %.1f MiB%n",
        sizes.size(),
        sizes.stream().mapToLong(Long::longValue).sum() / 1048576.0,
        sizes.getLast() / 1048576.0);
  }

  private static void ask(Counting store, int chunks, int questions) throws IOException {
    SplittableRandom random = new SplittableRandom(7);
    ChunkIndex warm = new ChunkIndex(store);
    for (String kind : List.of("warm-up", "cold", "warm", "warm, not there")) {
      Figures millis = new Figures();
      Figures reads = new Figures();
      Figures bytes = new Figures();
      Figures lists = new Figures();
      System.gc();
      resetPeak();
      for (int i = 0; i < questions; i++) {
        boolean there = !kind.equals("warm, not there");
        ChunkId id = there ? chunk(random.nextInt(chunks)) : ChunkId.of(hash(-1 - i));
        ChunkIndex index =
            kind.startsWith("warm,") || kind.equals("warm") ? warm : new ChunkIndex(store);
        store.forget();
        long start = System.nanoTime();
        if (index.find(id).isPresent() != there) {
          throw new IOException("chunk %s: expected there: %s".formatted(id, there));
        }
        millis.add((System.nanoTime() - start) / 1e6);
        lists.add(store.lists.get());
        reads.add(store.reads.get());
        bytes.add(store.readBytes.get() / 1024.0);
      }
      System.out.printf(
          "%s: median %.2f ms, 99%% %.2f ms; listings %.0f; reads median %.0f, 99%% %.0f, most"
              + " %.0f; KiB median %.0f, 99%% %.0f, most %.0f; heap at most %d MiB%n",
          kind,
          millis.median(),
          millis.quantile(0.99),
          lists.median(),
          reads.median(),
          reads.quantile(0.99),
          reads.max(),
          bytes.median(),
          bytes.quantile(0.99),
          bytes.max(),
          peakMebibytes());
    }
    long start = System.nanoTime();
    int many = 200_000;
    for (int i = 0; i < many; i++) {
      warm.find(chunk(random.nextInt(chunks)));
    }
    System.out.printf(
        "%,d questions to one index: %.1f microseconds each%n",
        many, (System.nanoTime() - start) / 1e3 / many);
  }

  private static void resetPeak() {
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      pool.resetPeakUsage();
    }
  }

  private static long peakMebibytes() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .mapToLong(pool -> pool.getPeakUsage().getUsed())
            .sum()
        >> 20;
  }

  /** Counts what is asked of a store. */
  private static final class Counting implements BlobStore {
    private final BlobStore store;
    private final AtomicLong lists = new AtomicLong();
    private final AtomicLong reads = new AtomicLong();
    private final AtomicLong readBytes = new AtomicLong();
    private final AtomicLong putBytes = new AtomicLong();

    Counting(BlobStore store) {
      this.store = store;
    }

    void forget() {
      lists.set(0);
      reads.set(0);
      readBytes.set(0);
    }

    private void read(long bytes) {
      reads.incrementAndGet();
      readBytes.addAndGet(bytes);
    }

    @Override
    public PutOutcome put(BlobName name, ByteBuffer bytes) throws IOException {
      putBytes.addAndGet(bytes.remaining());
      return store.put(name, bytes);
    }

    @Override
    public byte[] get(BlobName name) throws IOException {
      byte[] bytes = store.get(name);
      read(bytes.length);
      return bytes;
    }

    @Override
    public byte[] getRange(BlobName name, long position, int length) throws IOException {
      read(length);
      return store.getRange(name, position, length);
    }

    @Override
    public ByteBuffer view(BlobName name) throws IOException {
      ByteBuffer bytes = store.view(name);
      read(bytes.remaining());
      return bytes;
    }

    @Override
    public OptionalLong length(BlobName name) throws IOException {
      read(0);
      return store.length(name);
    }

    @Override
    public void list(String folder, Consumer<BlobStatus> onBlob) throws IOException {
      lists.incrementAndGet();
      store.list(folder, onBlob);
    }

    @Override
    public List<String> listFolders(String folder) throws IOException {
      lists.incrementAndGet();
      return store.listFolders(folder);
    }

    @Override
    public void delete(BlobName name) throws IOException {
      store.delete(name);
    }

    @Override
    public void replace(BlobName name, ByteBuffer bytes) throws IOException {
      store.replace(name, bytes);
    }

    @Override
    public URI location() {
      return store.location();
    }

    @Override
    public void close() throws IOException {
      store.close();
    }
  }
}
