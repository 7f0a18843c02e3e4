package dev.tidemark.repository.blob;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Counts what is asked of a store. Thread-safe. */
public final class CountingBlobStore implements BlobStore {
  private final BlobStore store;
  private final AtomicLong lists = new AtomicLong();
  private final AtomicLong reads = new AtomicLong();
  private final AtomicLong readBytes = new AtomicLong();
  private final AtomicLong puts = new AtomicLong();
  private final AtomicLong putBytes = new AtomicLong();

  /**
   * What was asked.
   *
   * @param lists listings, each of one folder
   * @param reads of whole blobs, ranges and lengths
   */
  public record Requests(long lists, long reads, long readBytes, long puts, long putBytes) {}

  public CountingBlobStore(BlobStore store) {
    this.store = store;
  }

  /** What was asked since the last call. */
  public Requests take() {
    return new Requests(
        lists.getAndSet(0),
        reads.getAndSet(0),
        readBytes.getAndSet(0),
        puts.getAndSet(0),
        putBytes.getAndSet(0));
  }

  @Override
  public PutOutcome put(BlobName name, ByteBuffer bytes) throws IOException {
    puts.incrementAndGet();
    putBytes.addAndGet(bytes.remaining());
    return store.put(name, bytes);
  }

  @Override
  public byte[] get(BlobName name) throws IOException {
    byte[] bytes = store.get(name);
    read(bytes.length);
    return bytes;
  }

  private void read(long bytes) {
    reads.incrementAndGet();
    readBytes.addAndGet(bytes);
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
  public String describe(BlobName name) {
    return store.describe(name);
  }

  @Override
  public void close() throws IOException {
    store.close();
  }
}
