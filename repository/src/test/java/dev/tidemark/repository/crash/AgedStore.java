package dev.tidemark.repository.crash;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStatus;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.PutOutcome;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * A store whose listings show blobs of the past as old as they are, while nobody put them again.
 */
final class AgedStore implements BlobStore {
  private static final Age NONE = new Age(0, -1);

  private final BlobStore store;
  private final Map<BlobName, Age> ages;

  /**
   * A blob's two times.
   *
   * @param shownMillis the one to show
   * @param putMillis the store's own
   */
  record Age(long shownMillis, long putMillis) {}

  AgedStore(BlobStore store, Map<BlobName, Age> ages) {
    this.store = store;
    this.ages = ages;
  }

  @Override
  public void list(String folder, Consumer<BlobStatus> onBlob) throws IOException {
    store.list(
        folder,
        status -> {
          Age age = ages.getOrDefault(status.name(), NONE);
          onBlob.accept(
              age.putMillis() == status.modifiedMillis()
                  ? new BlobStatus(status.name(), status.bytes(), age.shownMillis())
                  : status);
        });
  }

  @Override
  public void prepareForPuts() throws IOException {
    store.prepareForPuts();
  }

  @Override
  public PutOutcome put(BlobName name, ByteBuffer bytes) throws IOException {
    return store.put(name, bytes);
  }

  @Override
  public void replace(BlobName name, ByteBuffer bytes) throws IOException {
    store.replace(name, bytes);
  }

  @Override
  public void delete(BlobName name) throws IOException {
    store.delete(name);
  }

  @Override
  public byte[] get(BlobName name) throws IOException {
    return store.get(name);
  }

  @Override
  public byte[] getRange(BlobName name, long position, int length) throws IOException {
    return store.getRange(name, position, length);
  }

  @Override
  public boolean isRemote() {
    return store.isRemote();
  }

  @Override
  public ByteBuffer view(BlobName name) throws IOException {
    return store.view(name);
  }

  @Override
  public OptionalLong length(BlobName name) throws IOException {
    return store.length(name);
  }

  @Override
  public List<String> listFolders(String folder) throws IOException {
    return store.listFolders(folder);
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
