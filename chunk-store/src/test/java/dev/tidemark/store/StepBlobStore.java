package dev.tidemark.store;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStatus;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.PutOutcome;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * A real store at whose puts a test may stop, fail or end the process, before or after the effect.
 */
final class StepBlobStore implements BlobStore {
  /** Something to do at a put. */
  interface Step {
    void at(BlobName name) throws IOException;
  }

  private final BlobStore store;
  volatile Step before = _ -> {};
  volatile Step after = _ -> {};

  StepBlobStore(BlobStore store) {
    this.store = store;
  }

  @Override
  public PutOutcome put(BlobName name, ByteBuffer bytes) throws IOException {
    before.at(name);
    PutOutcome outcome = store.put(name, bytes);
    after.at(name);
    return outcome;
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
  public ByteBuffer view(BlobName name) throws IOException {
    return store.view(name);
  }

  @Override
  public OptionalLong length(BlobName name) throws IOException {
    return store.length(name);
  }

  @Override
  public void list(String folder, Consumer<BlobStatus> onBlob) throws IOException {
    store.list(folder, onBlob);
  }

  @Override
  public List<String> listFolders(String folder) throws IOException {
    return store.listFolders(folder);
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
  public URI location() {
    return store.location();
  }

  @Override
  public void close() throws IOException {
    store.close();
  }
}
