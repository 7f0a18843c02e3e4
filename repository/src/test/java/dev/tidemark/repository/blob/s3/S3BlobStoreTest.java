package dev.tidemark.repository.blob.s3;

import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.BlobStoreContract;

/** The contract on an S3 server in Java. */
final class S3BlobStoreTest implements BlobStoreContract {
  @Override
  public BlobStore createStore() {
    return TestS3.open(TestS3.server().endpoint());
  }
}
