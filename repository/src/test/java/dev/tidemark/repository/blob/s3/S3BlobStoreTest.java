package dev.tidemark.repository.blob.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.testing.FaultProxy;
import java.io.IOException;
import java.net.URI;
import org.junit.jupiter.api.Test;

/** On an S3 server in Java. */
final class S3BlobStoreTest implements S3StoreContract {
  @Override
  public URI endpoint() {
    return TestS3.server().endpoint();
  }

  @Test
  void aLargeBlobGoesInParts() throws IOException {
    try (FaultProxy proxy = FaultProxy.before(endpoint());
        BlobStore store = TestS3.open(proxy.endpoint())) {
      store.put(NAME, new byte[(11 << 20) + 1]);

      assertThat(proxy.requests())
          .filteredOn(r -> r.isPut() && r.target().contains(NAME.value()))
          .hasSize(3)
          .allMatch(r -> r.target().contains("partNumber="));
    }
  }

  @Test
  void laterStartsTryTheStoreByOneRequestAndFirstOnesByTwo() throws IOException {
    String prefix = TestS3.newPrefix();
    try (FaultProxy proxy = FaultProxy.before(endpoint())) {
      for (int expected : new int[] {2, 1}) {
        proxy.forgetRequests();
        try (BlobStore store = TestS3.open(proxy.endpoint(), prefix)) {
          store.prepareForPuts();
        }

        assertThat(proxy.requests()).filteredOn(r -> r.isPut()).hasSize(expected);
      }
    }
  }
}
