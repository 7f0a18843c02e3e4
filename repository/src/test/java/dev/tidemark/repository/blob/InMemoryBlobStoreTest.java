package dev.tidemark.repository.blob;

final class InMemoryBlobStoreTest implements BlobStoreContract {
  @Override
  public BlobStore createStore() {
    return new InMemoryBlobStore();
  }
}
