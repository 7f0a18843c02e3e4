package dev.tidemark.repository.blob.s3;

import java.net.URI;

/** On Ceph's gateway, where it is installed. */
final class RgwBlobStoreTest implements S3StoreContract {
  @Override
  public URI endpoint() {
    return TestS3.rgw().endpoint();
  }
}
