package dev.tidemark.repository.blob.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.repository.blob.BlobName;
import dev.tidemark.repository.blob.BlobStore;
import dev.tidemark.repository.blob.BlobStoreContract;
import dev.tidemark.repository.blob.PutOutcome;
import dev.tidemark.testing.S3Server;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.MultipartUpload;

/** What every S3 implementation gives beyond what every store promises. */
interface S3StoreContract extends BlobStoreContract {
  /** Where the server listens; skips the test with the reason if there is none. */
  URI endpoint();

  @Override
  default BlobStore createStore() {
    return TestS3.open(endpoint());
  }

  @Test
  default void aLargeBlobIsPutOnceWhateverTheServerMakesOfParts() throws Exception {
    byte[] first = new byte[7 << 20];
    new Random(1).nextBytes(first);
    byte[] second = new byte[7 << 20];
    try (BlobStore store = createStore()) {
      assertThat(store.put(NAME, first)).isEqualTo(new PutOutcome.Stored());

      assertThat(store.put(NAME, second)).isEqualTo(new PutOutcome.AlreadyPresent());
      assertThat(store.getRange(NAME, 6 << 20, 1 << 20))
          .isEqualTo(Arrays.copyOfRange(first, 6 << 20, 7 << 20));
    }
  }

  @Test
  default void ofManyPutsOfALargeBlobAtOnceOneIsStored() throws Exception {
    try (BlobStore store = createStore();
        var threads = Executors.newFixedThreadPool(3)) {
      List<Callable<PutOutcome>> puts = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        byte[] bytes = new byte[(6 << 20) + 1];
        Arrays.fill(bytes, (byte) i);
        puts.add(() -> store.put(NAME, bytes));
      }

      List<PutOutcome> outcomes = new ArrayList<>();
      for (var outcome : threads.invokeAll(puts)) {
        outcomes.add(outcome.get());
      }

      assertThat(outcomes).filteredOn(new PutOutcome.Stored()::equals).hasSize(1);
      byte[] stored = store.get(NAME);
      int winner = stored[0];
      assertThat(outcomes.get(winner)).isEqualTo(new PutOutcome.Stored());
    }
  }

  @Test
  default void listingsOfManyPagesShowEveryBlobOnce() throws IOException {
    try (BlobStore store = createStore()) {
      List<String> put = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        put.add("trees/t%d/log/x".formatted(i));
        store.put(new BlobName(put.get(i)), new byte[1]);
      }

      List<String> listed = new ArrayList<>();
      store.list("trees/", status -> listed.add(status.name().value()));

      assertThat(listed).containsExactlyInAnyOrderElementsOf(put);
      assertThat(store.listFolders("trees/")).hasSize(10).contains("t0", "t9");
    }
  }

  @Test
  default void storesOfDifferentPrefixesDoNotSeeEachOther() throws IOException {
    String prefix = TestS3.newPrefix();
    try (BlobStore one = TestS3.open(endpoint(), prefix);
        BlobStore other = TestS3.open(endpoint(), prefix + "/below");
        BlobStore longer = TestS3.open(endpoint(), prefix + "-2")) {
      longer.put(NAME, new byte[1]);
      other.put(NAME, new byte[1]);

      assertThat(one.length(NAME)).isEmpty();
      assertThat(one.listFolders("")).containsExactly("below");
      assertThat(other.listFolders("")).containsExactly("packs");
    }
  }

  @Test
  default void unfinishedUploadsAreRemovedOnceTheyAreOldAndNotBefore() throws Exception {
    String prefix = TestS3.newPrefix();
    S3Location location = S3Location.parse(S3Server.url(endpoint(), prefix));
    try (S3Clients clients = S3Clients.open(location)) {
      beginUpload(clients, location);

      S3BlobStore.open(location, TestS3.SMALL, InstantSource.system()).prepareForPuts();
      assertThat(uploads(clients, prefix)).hasSize(1);

      Instant later = Instant.now().plus(Duration.ofHours(25));
      S3BlobStore.open(location, TestS3.SMALL, InstantSource.fixed(later)).prepareForPuts();
      assertThat(uploads(clients, prefix)).isEmpty();
    }
  }

  private static void beginUpload(S3Clients clients, S3Location location) {
    S3AsyncClient client = clients.repeating();
    client
        .createMultipartUpload(b -> b.bucket(location.bucket()).key(location.key("packs/half")))
        .join();
  }

  private static List<MultipartUpload> uploads(S3Clients clients, String prefix) {
    return clients
        .repeating()
        .listMultipartUploads(b -> b.bucket(S3Server.BUCKET).prefix(prefix + "/"))
        .join()
        .uploads();
  }

  @Test
  default void aMissingBucketIsNamedWithItsRemedy() throws IOException {
    S3Location location = S3Location.parse("s3://no-such-bucket/p?endpoint=" + endpoint());
    try (BlobStore store = S3BlobStore.open(location)) {
      assertThatThrownBy(() -> store.get(NAME))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("no bucket \"no-such-bucket\"")
          .hasMessageContaining(endpoint().toString())
          .hasMessageContaining("Create it");
      assertThatThrownBy(() -> store.length(NAME)).hasMessageContaining("no bucket");
      assertThatThrownBy(() -> store.put(NAME, new byte[1])).hasMessageContaining("no bucket");
      assertThatThrownBy(() -> store.listFolders("")).hasMessageContaining("no bucket");
    }
  }
}
