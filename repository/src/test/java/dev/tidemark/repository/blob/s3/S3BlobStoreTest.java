package dev.tidemark.repository.blob.s3;

import java.net.URI;

/** On an S3 server in Java. */
final class S3BlobStoreTest implements S3StoreContract {
  @Override
  public URI endpoint() {
    return TestS3.server().endpoint();
  }
}
