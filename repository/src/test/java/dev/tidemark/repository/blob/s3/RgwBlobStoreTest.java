package dev.tidemark.repository.blob.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.testing.FaultProxy;
import java.io.IOException;
import java.net.URI;
import org.junit.jupiter.api.Test;

/** On Ceph's gateway, where it is installed. */
final class RgwBlobStoreTest implements S3StoreContract {
  @Override
  public URI endpoint() {
    return TestS3.rgw().endpoint();
  }

  /** This one ignores conditions when parts are put together. */
  @Test
  void aLargeBlobGoesInOneRequest() throws IOException {
    try (FaultProxy proxy = FaultProxy.before(endpoint());
        BlobStore store = TestS3.open(proxy.endpoint())) {
      store.put(NAME, new byte[(11 << 20) + 1]);

      assertThat(proxy.requests())
          .filteredOn(r -> r.isPut() && r.target().contains(NAME.value()))
          .hasSize(1)
          .noneMatch(r -> r.target().contains("partNumber="));
    }
  }
}
