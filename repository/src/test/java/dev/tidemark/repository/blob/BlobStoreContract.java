package dev.tidemark.repository.blob;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** What every store promises. */
public interface BlobStoreContract {
  /** A new, empty store. */
  BlobStore createStore() throws IOException;

  BlobName NAME = new BlobName("packs/ab/one.pack");

  @Test
  default void whatWasPutIsRead() throws IOException {
    try (BlobStore store = createStore()) {
      assertThat(store.put(NAME, "hello".getBytes(UTF_8))).isEqualTo(new PutOutcome.Stored());

      assertThat(store.get(NAME)).asString(UTF_8).isEqualTo("hello");
      assertThat(store.getRange(NAME, 1, 3)).asString(UTF_8).isEqualTo("ell");
      assertThat(UTF_8.decode(store.view(NAME)).toString()).isEqualTo("hello");
      assertThat(store.length(NAME)).hasValue(5);
    }
  }

  @Test
  default void theFirstPutOfANameWins() throws IOException {
    try (BlobStore store = createStore()) {
      store.put(NAME, "first".getBytes(UTF_8));

      assertThat(store.put(NAME, "second".getBytes(UTF_8)))
          .isEqualTo(new PutOutcome.AlreadyPresent());
      assertThat(store.get(NAME)).asString(UTF_8).isEqualTo("first");
    }
  }

  @Test
  default void anAbsentBlobIsSaidToBeAbsent() throws IOException {
    try (BlobStore store = createStore()) {
      assertThat(store.length(NAME)).isEmpty();
      assertThatThrownBy(() -> store.get(NAME)).isInstanceOf(BlobMissingException.class);
      assertThatThrownBy(() -> store.getRange(NAME, 0, 1))
          .isInstanceOf(BlobMissingException.class)
          .hasMessageContaining("one.pack");
      assertThatThrownBy(() -> store.view(NAME)).isInstanceOf(BlobMissingException.class);
    }
  }

  @Test
  default void aRangePastTheEndIsRefused() throws IOException {
    try (BlobStore store = createStore()) {
      store.put(NAME, "hello".getBytes(UTF_8));

      assertThatThrownBy(() -> store.getRange(NAME, 3, 3))
          .isInstanceOf(BlobTooShortException.class)
          .hasMessageContaining("5 bytes long");
      assertThat(store.getRange(NAME, 5, 0)).isEmpty();
    }
  }

  @Test
  default void aListingShowsWhatLiesBelowItsFolder() throws IOException {
    try (BlobStore store = createStore()) {
      for (String name : List.of("tidemark.json", "trees/a/log/x", "trees/b/log/y", "trees-2")) {
        store.put(new BlobName(name), new byte[3]);
      }

      assertThat(names(store, "")).hasSize(4);
      assertThat(names(store, "trees/"))
          .containsExactlyInAnyOrder("trees/a/log/x", "trees/b/log/y");
      assertThat(names(store, "none/")).isEmpty();
      assertThat(store.listFolders("trees/")).containsExactly("a", "b");
      assertThat(store.listFolders("")).containsExactly("trees");
      assertThat(store.listFolders("none/")).isEmpty();
    }
  }

  private static List<String> names(BlobStore store, String folder) throws IOException {
    List<String> names = new ArrayList<>();
    store.list(folder, status -> names.add(status.name().value()));
    return names;
  }

  @Test
  default void aReplacedBlobHasItsNewBytesForEveryReader() throws IOException {
    try (BlobStore store = createStore()) {
      BlobName name = new BlobName("packs/ab/damaged.pack");
      store.put(name, new byte[] {1, 2, 3});
      assertThat(store.getRange(name, 0, 3)).containsExactly(1, 2, 3);

      store.replace(name, ByteBuffer.wrap(new byte[] {4, 5, 6, 7}));

      assertThat(store.get(name)).containsExactly(4, 5, 6, 7);
      assertThat(store.getRange(name, 1, 3)).containsExactly(5, 6, 7);
      assertThat(store.length(name)).hasValue(4);
      BlobName absent = new BlobName("index/new.idx");
      store.replace(absent, ByteBuffer.wrap(new byte[] {8}));
      assertThat(store.get(absent)).containsExactly(8);
    }
  }

  @Test
  default void aDeletedBlobIsGoneAndMayBePutAgain() throws IOException {
    try (BlobStore store = createStore()) {
      store.put(NAME, "old".getBytes(UTF_8));
      store.getRange(NAME, 0, 1);

      store.delete(NAME);
      store.delete(NAME);

      assertThat(store.length(NAME)).isEmpty();
      assertThat(store.put(NAME, "new".getBytes(UTF_8))).isEqualTo(new PutOutcome.Stored());
      assertThat(store.getRange(NAME, 0, 3)).asString(UTF_8).isEqualTo("new");
    }
  }

  @Test
  default void aLargeBlobIsWhole() throws IOException {
    byte[] large = new byte[(11 << 20) + 7];
    new Random(7).nextBytes(large);
    try (BlobStore store = createStore()) {
      store.put(NAME, large);

      assertThat(store.get(NAME)).isEqualTo(large);
      byte[] viewed = new byte[large.length];
      store.view(NAME).get(viewed);
      assertThat(viewed).isEqualTo(large);
    }
  }

  @Test
  default void ofManyPutsAtOnceOneIsStored() throws Exception {
    try (BlobStore store = createStore();
        var threads = Executors.newFixedThreadPool(8)) {
      List<Callable<PutOutcome>> puts = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        byte[] bytes = {(byte) i};
        puts.add(() -> store.put(NAME, bytes));
      }

      List<PutOutcome> outcomes = new ArrayList<>();
      for (var outcome : threads.invokeAll(puts)) {
        outcomes.add(outcome.get());
      }

      assertThat(outcomes).filteredOn(new PutOutcome.Stored()::equals).hasSize(1);
      assertThat(outcomes).filteredOn(new PutOutcome.AlreadyPresent()::equals).hasSize(7);
    }
  }

  @Test
  default void aBlobMayHaveNoBytes() throws IOException {
    try (BlobStore store = createStore()) {
      assertThat(store.put(NAME, new byte[0])).isEqualTo(new PutOutcome.Stored());

      assertThat(store.get(NAME)).isEmpty();
      assertThat(store.view(NAME).remaining()).isZero();
      assertThat(store.length(NAME)).hasValue(0);
      assertThat(store.getRange(NAME, 0, 0)).isEmpty();
      assertThatThrownBy(() -> store.getRange(NAME, 0, 1))
          .isInstanceOf(BlobTooShortException.class);
    }
  }

  @Test
  default void aBufferIsPutFromItsPositionToItsLimitAndLeftAsItWas() throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap("[hello]".getBytes(UTF_8)).position(1).limit(6);
    try (BlobStore store = createStore()) {
      store.put(NAME, bytes);

      assertThat(store.get(NAME)).asString(UTF_8).isEqualTo("hello");
      assertThat(bytes.remaining()).isEqualTo(5);
    }
  }

  @Test
  default void manyBlobsAreDeletedAtOnceAndOthersStay() throws IOException {
    try (BlobStore store = createStore()) {
      List<BlobName> names = new ArrayList<>();
      for (int i = 0; i < 7; i++) {
        names.add(new BlobName("packs/" + i));
        store.put(names.get(i), new byte[1]);
      }
      names.add(new BlobName("packs/never-put"));

      store.deleteAll(names.subList(1, 8));
      store.deleteAll(List.of());

      assertThat(names(store, "")).containsExactly("packs/0");
    }
  }

  @Test
  default void whatIsPreparedForPutsShowsNoBlob() throws IOException {
    try (BlobStore store = createStore()) {
      store.prepareForPuts();
      store.prepareForPuts();

      assertThat(names(store, "")).isEmpty();
      assertThat(store.listFolders("")).isEmpty();
      assertThat(store.put(NAME, new byte[1])).isEqualTo(new PutOutcome.Stored());
    }
  }

  @Test
  default void aListingTellsLengthAndTheTimeOfThePut() throws IOException {
    List<BlobStatus> listed = new ArrayList<>();
    long before = System.currentTimeMillis();
    try (BlobStore store = createStore()) {
      store.put(NAME, new byte[5]);
      store.list("packs/", listed::add);
    }

    assertThat(listed).extracting(BlobStatus::bytes).containsExactly(5L);
    // Some stores keep whole seconds.
    assertThat(listed.getFirst().modifiedMillis())
        .isBetween(before - 1_000, System.currentTimeMillis() + 1_000);
  }
}
